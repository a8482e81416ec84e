import Foundation
import Policy
import PolicyFiles
import TestSupport
import Testing
import TextFiles

@Suite struct RuleFileTests {
  static func text(_ ids: String..., label: String = "other") -> String {
    "rules:\n"
      + ids.map { "  - {id: \($0), label: \(label), severity: low, title: T, filter: udp port 1}\n" }.joined()
  }

  @Test func `a rule is read with its fields and its line`() throws {
    let file = try RuleFile(
      """
      rules:
        - id: game.voice
          label: other
          severity: medium
          title: Voice chat
          why: >
            The server
            learns the address.
          reference: none
          filter: >
            udp port 27015
            or udp port 27016
      """, fileName: "mine.yaml")
    let rule = try #require(file.rules.first)
    #expect(rule.id == "game.voice")
    #expect(rule.label == .other)
    #expect(rule.severity == .medium)
    #expect(rule.title == "Voice chat")
    #expect(rule.why == "The server learns the address.")
    #expect(rule.reference == "none")
    #expect(rule.origin == "mine.yaml:2")
  }

  @Test func `all mistakes in a file are reported`() {
    #expect {
      try RuleFile(
        """
        rules:
          - id: a
            label: dns
            severity: terrible
            title: T
            filter: udp[
          - label: other
            severity: low
            title: T
            filter: host example.org
            filters: udp
        """, fileName: "mine.yaml")
    } throws: { error in
      let lines = (error as? PolicyFileError)?.problems.map(\.line)
      return lines == [3, 4, 6, 7, 10, 11]
    }
  }

  @Test(arguments: ["rules: {}", "rules: 1", "{}", "[]", "rule: []", "rules: [1]"])
  func `anything but a list of rules is an error`(text: String) {
    #expect(throws: PolicyFileError.self) { try RuleFile(text, fileName: "mine.yaml") }
  }

  @Test func `an id is used once in a file`() {
    #expect(throws: PolicyFileError.self) { try RuleFile(Self.text("a", "b", "a"), fileName: "mine.yaml") }
  }

  @Test func `a rule with a shipped id replaces it, others come first`() throws {
    let shipped = try RuleFile(Self.text("a", "b", "c"), fileName: "shipped").rules
    let mine = try RuleFile(Self.text("x", "b", "y", label: "ntp"), fileName: "mine").rules
    let rules = LabelRules(shipped).adding(mine)
    #expect(rules.map(\.id) == ["x", "y", "a", "b", "c"])
    #expect(rules.map(\.label) == [.ntp, .ntp, .other, .ntp, .other])
    #expect(rules[3].origin == "mine:3")
  }

  @Test func `a directory is read in the order of its names`() throws {
    try withDirectory(["b.yml": Self.text("b"), "a.yaml": Self.text("z", "a"), "README.md": "no", ".c.yaml": "no"]) {
      let rules = try RuleFile.readDirectory($0)
      #expect(rules.map(\.id) == ["z", "a", "b"])
    }
  }

  @Test func `an id is used once in a directory, and every file's mistakes are reported`() throws {
    try withDirectory(["a.yaml": Self.text("a"), "b.yaml": Self.text("a"), "c.yaml": "[]", "d.yaml": ""]) { path in
      #expect {
        try RuleFile.readDirectory(path)
      } throws: { error in
        let files = (error as? PolicyFileError)?.problems.map { $0.file.suffix(6) }
        return files == ["b.yaml", "c.yaml", "d.yaml"]
      }
    }
  }

  @Test func `a directory without rules, and none at all, is an error`() throws {
    try withDirectory([:]) { path in
      #expect(throws: PolicyFileError.self) { try RuleFile.readDirectory(path) }
      #expect(throws: PolicyFileError.self) { try RuleFile.readDirectory(path + "/none") }
    }
  }
}

/// Runs the test in its own directory with these files, and removes it.
func withDirectory(_ files: [String: String], _ test: (_ path: String) throws -> Void) throws {
  let directory = try TemporaryDirectory()
  for (name, text) in files { try directory.file(name, text) }
  try test(directory.path)
}
