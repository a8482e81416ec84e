import Foundation
import Glibc
import TestSupport
import Testing
import Text
import TextFiles

@testable import StackCheck

/// Source lines below findings.
struct SourceExcerptTests {
  private static func shown(_ line: SourceLine, _ message: String, width: Int = 80) -> [String] {
    guard let excerpt = SourceExcerpt(line, number: 7, message: message) else { return [] }
    var page = TextPage(TextLayout(width: width))
    excerpt.write(to: &page, .red)
    return page.text.split(separator: "\n").map(String.init)
  }

  private static func shown(_ text: String, _ message: String = "", width: Int = 80) -> [String] {
    shown(
      SourceLine(text: Array(text.unicodeScalars), secrets: SecretScan(Array(text.unicodeScalars), .script).found),
      message, width: width)
  }

  @Test(arguments: [
    ("  set -e  \r", "", ["     7 |   set -e", "       |   ^^^^^^"]),
    ("\tip link x", "", ["     7 |     ip link x", "       |     ^^^^^^^^^"]),
    ("a; ip link x # b", "if 'ip link x' fails", ["     7 | a; ip link x # b", "       |    ^^^^^^^^^"]),
    ("vpn-x vpn", "the service 'vpn' is", ["     7 | vpn-x vpn", "       |       ^^^"]),
    ("echo '世' x", "what 'x' does", ["     7 | echo '世' x", "       |           ^"]),
    ("sh -c 'a b' c", "'sh -c 'a b'' runs", ["     7 | sh -c 'a b' c", "       | ^^^^^^^^^^^"]),
    ("a\u{1B}[2Jb c", "'c'", ["     7 | a\\u{1b}[2Jb c", "       |             ^"]),
    ("TOKEN=hunter22 curl x", "'curl x'", ["     7 | TOKEN=******** curl x", "       |                ^^^^^^"]),
    ("TOKEN=hunter22 curl x", "", ["     7 | TOKEN=******** curl x", "       | ^^^^^^^^^^^^^^^^^^^^^"]),
    ("   ", "", []), ("", "", []),
  ])
  func `carets are below what is meant`(text: String, message: String, lines: [String]) {
    #expect(Self.shown(text, message) == lines)
  }

  @Test(arguments: [40, 80, 100])
  func `any line fits, and the carets are below the text that the message quotes`(_ width: Int) throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let pieces = [
      "a", "iptables ", "\t", "世", "🌍", "e\u{301}", "\u{1B}", "\u{202E}", "'", "\u{301}", "\\", "…", "X ", "/",
    ]
    for _ in 0..<400 {
      func text() -> String {
        (0..<Int.random(in: 0...120, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
      }
      let (before, after) = (text(), text())
      let meant = "Q\(Int.random(in: 100_000...999_999, using: &random))Q"
      let lines = Self.shown(before + " \(meant) " + after, "what '\(meant)' does", width: width)
      try #require(lines.count == 2)
      #expect(lines.allSatisfy { $0.columns <= width }, "\(lines)")
      #expect(lines.joined().unicodeScalars.allSatisfy { !Formatting.isUnsafe($0) })
      var column = 0
      var marked = ""
      let carets = Array(lines[1])
      for character in lines[0] {
        if carets.indices.contains(column), carets[column] == "^" { marked.append(character) }
        column += String(character).columns
      }
      #expect(marked == meant, "\(lines)")
    }
  }

  @Test func `marks without end over one character are bounded`() {
    let lines = Self.shown("a" + String(repeating: "\u{301}", count: 100_000) + "b")
    #expect(lines[0].unicodeScalars.count < 200)
  }

  @Test func `only lines of ordinary files are read`() throws {
    let folder = try TemporaryDirectory()
    let (pipe, link) = (folder.path("pipe"), folder.path("link.sh"))
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let file = try folder.file("file.sh", "one\ntwo\n")
    #expect(unsafe symlink(file, link) == 0)
    let names = [pipe, file, link, folder.path, "/dev/zero", folder.path + "/none", ""]
    let places = names.flatMap { name in [nil, 0, -1, 1, 2, 3, 4, .max].map { SourcePlace(name, line: $0) } }
    let lines = SourceLines(places, files: names)
    for place in places {
      let isThere = [file, link].contains(place.file) && [1, 2, 3].contains(place.line)
      #expect((lines[place] != nil) == isThere, "\(place)")
    }
  }
}
