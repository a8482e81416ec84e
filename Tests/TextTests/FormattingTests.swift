import Foundation
import TestSupport
import Testing
import Text
import Wire

@Suite struct FormattingTests {
  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1234, "-1,234")])
  func `groups digits by three`(value: Int, text: String) {
    #expect(Formatting.number(value) == text)
  }

  @Test(arguments: [
    (999, "999 B"), (1000, "1.0 kB"), (999_999, "999.9 kB"), (1_000_000, "1.0 MB"), (3_000_000_000, "3.0 GB"),
    (Int.max, "9,223 PB"),
  ])
  func `writes bytes with a decimal prefix`(value: Int, text: String) {
    #expect(Formatting.bytes(value) == text)
  }

  @Test(arguments: [
    (0, 10, "0 %"), (10, 10, "100 %"), (1, 10_000_000, "<0.1 %"), (9_999_999, 10_000_000, ">99.9 %"), (1, 3, "33.3 %"),
    (0, 0, "0 %"),
  ])
  func `never rounds something to nothing, or less than all to all`(part: Int, whole: Int, text: String) {
    #expect(Formatting.share(part, of: whole) == text)
  }

  @Test(arguments: [
    (999_999_999, "999 ms"), (1_000_000_000, "1.0 s"), (59_999_000_000, "59.9 s"), (67_000_000_000, "1 min 07 s"),
    (7_500_000_000_000, "2 h 05 min"),
  ])
  func `writes a length of time in two units at most`(nanoseconds: Int64, text: String) {
    #expect(Formatting.duration(nanoseconds: nanoseconds) == text)
  }

  @Test func `writes times as Foundation does, leap days and the years before 1970 too`() {
    var generator = SeededGenerator()
    print("seed: \(generator.seed)")
    let style = Date.ISO8601FormatStyle(timeZone: .gmt)
    for _ in 0..<5000 {
      let seconds = Int64.random(in: -9_000_000_000...9_000_000_000, using: &generator)
      let micro = Int64.random(in: 0..<1_000_000, using: &generator)
      let text = Formatting.time(Timestamp(nanoseconds: seconds * 1_000_000_000 + micro * 1000))
      let expected = Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(style).dropLast()
      #expect(text.prefix(19) == expected)
      #expect(text.dropFirst(20).dropLast() == String(String(1_000_000 + micro).dropFirst()))
    }
    #expect(Formatting.time(Timestamp(nanoseconds: .min)).hasPrefix("1677-09-21T00:12:43"))
    #expect(Formatting.time(Timestamp(nanoseconds: .max)).hasPrefix("2262-04-11T23:47:16"))
  }

  @Test func `lets no terminal control through`() {
    let hostile = "a\u{1B}[2J\r\n\u{7F}\u{9B}31m\u{202E}gpj\u{200B}\u{2028}b"
    let safe = Formatting.safe(hostile)
    #expect(safe == "a\\u{1b}[2J\\u{d}\\u{a}\\u{7f}\\u{9b}31m\\u{202e}gpj\\u{200b}\\u{2028}b")
    #expect(Formatting.safe("Zürich, 東京 eth0") == "Zürich, 東京 eth0")
  }

  @Test func `a JSON reader gets any quoted text back`() throws {
    var generator = SeededGenerator()
    print("seed: \(generator.seed)")
    for _ in 0..<2000 {
      let scalars = (0..<8).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x250, using: &generator)) }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let decoded = try JSONDecoder().decode([String].self, from: Data("[\(JSON.quoted(text))]".utf8))
      #expect(decoded == [text])
    }
  }
}
