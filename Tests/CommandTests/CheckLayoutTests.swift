import Foundation
import TestSupport
import Testing

/// How `check` and `explain` look in terminals, and what they never show.
@Suite struct CheckLayoutTests {
  /// What a terminal of that many columns gets. `swift test` itself sets NO_COLOR where its output is no terminal.
  private static func terminal(_ columns: Int, _ line: String, term: String = "xterm") throws -> String {
    let command = #"stty cols \#(columns); \"$leakaudit\" \#(line)"#
    let result = try Command.shell("env -u NO_COLOR TERM=\(term) script -qec \"\(command)\" /dev/null </dev/null")
    #expect(result.errors.isEmpty, "\(result.errors)")
    return result.output.replacing("\r\n", with: "\n")
  }

  /// Columns, where nothing wide is in the text.
  private static func expectFit(_ text: String, _ width: Int) {
    for line in text.split(separator: "\n") {
      #expect(line.count <= width || line.split(separator: " ").count == 1, "\(line)")
    }
  }

  /// The words, without the lines of excerpts, which are cut.
  private static func words(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { !$0.contains(/^ *[0-9]* [|]/) }.flatMap { $0.split(separator: " ") }
  }

  @Test(arguments: CheckTests.Example.all)
  func `findings fit at each width, and no word is lost`(_ example: CheckTests.Example) throws {
    let line = "check --compose \(example.path)/flagged/compose.yaml"
    let piped = try Command.shell("\"$leakaudit\" \(line)").output
    #expect(!piped.contains("\u{1B}"))
    Self.expectFit(piped, 80)
    for width in [40, 100] {
      let shown = try Self.terminal(width, line, term: "dumb")
      #expect(!shown.contains("\u{1B}"))
      Self.expectFit(shown, width)
      #expect(Self.words(shown) == Self.words(piped))
    }
    // An excerpt is the file's own line, and its carets are below it.
    let lines = piped.split(separator: "\n")
    for (index, head) in lines.enumerated() {
      guard let match = head.firstMatch(of: /^ *([0-9]+) \| (.*)$/) else { continue }
      let place = lines[..<index].last { $0.hasPrefix("Tests/") } ?? ""
      let parts = place.split(separator: ":")
      let source = try String(contentsOf: Command.repository.appending(path: String(parts[0])), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
      let number = try #require(Int(match.1))
      #expect(parts[1] == "\(number)")
      let shown = match.2.trimmingCharacters(in: CharacterSet(charactersIn: "… "))
      #expect(source[number - 1].replacing("\t", with: "    ").contains(shown.split(separator: "*****").first ?? ""))
      let carets = lines[index + 1]
      #expect(carets.contains(/^ +\| *\^+$/) && carets.count <= head.count)
    }
  }

  @Test func `explanations fit at each width, and no word is lost`() throws {
    for (capture, frame) in [("healthy.bridge", 20), ("malformed-postup.bridge", 5)] {
      let name = capture.prefix { $0 != "." }
      let line = "explain captures/\(capture).pcap \(frame) --wg-config captures/\(name).wg0.conf 2>/dev/null"
      let piped = try Command.shell("\"$leakaudit\" \(line)").output
      Self.expectFit(piped, 80)
      for width in [40, 100] {
        let shown = try Self.terminal(width, line, term: "dumb")
        Self.expectFit(shown, width)
        #expect(Self.words(shown) == Self.words(piped))
      }
      #expect(try Self.terminal(80, line).contains(/\u{1B}\[1;3[12]m(TUNNEL|LEAK)\u{1B}\[0m/))
    }
  }

  @Test func `a terminal gets colour unless it or the user wants none`() throws {
    let line = "check --compose Tests/Lab/findings/chain-unused/flagged/compose.yaml"
    let shown = try Self.terminal(80, line)
    #expect(shown.contains("\u{1B}[1;31mFAULTS\u{1B}[0m") && shown.contains("\u{1B}[1;31mhigh:\u{1B}[0m"))
    #expect(shown.contains(/\| \u{1B}\[1;31m *\^+\u{1B}\[0m\n/))
    #expect(shown.contains(/\n\u{1B}\[1mTests[^ ]*:[0-9]+:[0-9]+:\u{1B}\[0m/))
    for plain in ["TERM=dumb", "NO_COLOR=1"] {
      let result = try Command.shell(
        "env -u NO_COLOR \(plain) script -qec \"stty cols 80; \\\"$leakaudit\\\" \(line)\" /dev/null </dev/null")
      #expect(result.output.contains("FAULTS") && !result.output.contains("\u{1B}"), "\(plain)")
    }
  }

  /// A reader that opened it again would wait for a writer.
  @Test(arguments: ["text", "json", "sarif"])
  func `a pipe is read once`(_ format: String) throws {
    let directory = try TemporaryDirectory()
    let pipe = directory.path("wg0.conf")
    let result = try Command.shell(
      "mkfifo '\(pipe)' && { cat captures/healthy.wg0.conf >'\(pipe)' & } && timeout 20 \"$leakaudit\" check --wg-config '\(pipe)' --format \(format)"
    )
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.output.contains("kill-switch-in-postup"))
  }

  @Test func `no format shows a secret`() throws {
    let stack = try CheckTests.copy("Tests/Lab/findings/chain-unused/flagged")
    let marks = (0..<12).map { "Hunter\($0)x\(UInt32.random(in: .min ... .max))" }
    let key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
    let script = """
      export VPN_TOKEN=\(marks[0])
      frobnicate --password=\(marks[1])
      frobnicate --password "\(marks[2]) \(marks[3])"
      frobnicate https://joe:\(marks[4])@example.com/
      frobnicate "Authorization: Bearer $VPN_TOKEN" \(key)
      frobnicate ${API_SECRET:-\(marks[5])}
      frobnicate -u joe:\(marks[6])
      WG_PASS="\(marks[7])" frobnicate "$WG_PASS"
      SOME_KEY=\(marks[8]); iptables -I OUTPUT -d 9.9.9.9 -m comment --comment "token=\(marks[9])" -j ACCEPT
      ip route add 9.9.9.0/24 via 172.18.0.1 || echo password: \(marks[10])
      echo $((VPN_TOKEN + 1))
      """
    try Data((script + "\n").utf8).write(to: stack.url.appending(path: "startup/more.sh"))
    let compose = stack.url.appending(path: "compose.yaml")
    let text = try String(contentsOf: compose, encoding: .utf8)
    let environment = text.replacing(
      "services:\n",
      with: "services:\n  app:\n    image: x\n    privileged: true\n    environment:\n      A_PASSWORD: \(marks[11])\n")
    try Data(environment.utf8).write(to: compose)
    var shownLines = 0
    for format in ["text", "json", "sarif"] {
      let result = try Command.run(["check", "--compose", stack.path("compose.yaml"), "--format", format])
      #expect(result.status == 3 && result.output.contains("frobnicate"), "\(result.status)")
      for mark in marks + [key, "yAnz5TF"] {
        #expect(!result.output.contains(mark) && !result.errors.contains(mark), "\(format) \(mark) \(result.output)")
      }
      if format == "text" { shownLines = result.outputLines.count { $0.contains("********") } }
    }
    #expect(shownLines > 4)
  }
}
