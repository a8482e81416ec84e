import TestSupport
import Testing
import Text

/// Text in lines that fit.
@Suite struct TextPageTests {
  private static let letters = ["a", "Z", "9", "/", "é", "e\u{301}", "世", "한", "🌍", "…", "ｱ"]

  private static func words(_ random: inout SeededGenerator) -> [String] {
    (0..<Int.random(in: 0...60, using: &random)).map { _ in
      let isLong = Int.random(in: 0..<20, using: &random) == 0
      return (0..<Int.random(in: 1...(isLong ? 130 : 14), using: &random))
        .map { _ in letters.randomElement(using: &random)! }.joined()
    }
  }

  @Test(arguments: [40, 80, 100])
  func `lines fit, except one word alone, and no word is lost or broken`(_ width: Int) {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for _ in 0..<300 {
      let words = Self.words(&random)
      let isColoured = Bool.random(using: &random)
      let layout = TextLayout(width: width, takesColour: isColoured)
      var page = TextPage(layout)
      page.paragraph(
        words.map { layout.styled($0, .red) }.joined(separator: " "), first: "  - ", rest: "    ")
      let plain = isColoured ? page.text.replacing(/\u{1B}\[[0-9;]*m/, with: "") : page.text
      #expect(plain.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init) == words)
      for line in page.text.split(separator: "\n") {
        let isOneWord = line.drop { $0 == " " || $0 == "-" }.split(separator: " ").count == 1
        #expect(line.columns <= width || isOneWord, "\(line)")
      }
    }
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("世界", 4), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
    ("🌍", 2), ("ｱ", 1), ("Ａ", 2), ("…", 1), ("\u{1B}[1;31mab\u{1B}[0m", 2), ("\u{FFFD}", 1),
  ])
  func `columns are what a terminal takes`(text: String, columns: Int) { #expect(text.columns == columns) }

  @Test func `a table whose numbers do not fit is told in sentences`() {
    var page = TextPage(TextLayout(width: 40))
    let head = ["Seen", "all", "tunnel"]
    page.table(head, [["eth0", "1", "2"]])
    #expect(page.text == "Seen    all  tunnel\n  eth0    1       2\n")
    page = TextPage(TextLayout(width: 10))
    page.table(head, [["eth0", "1", "2"]])
    #expect(page.text == "Seen\n  eth0\n    all:\n    1,\n    tunnel:\n    2\n")
  }

  @Test func `only a reader that takes colour gets codes`() {
    #expect(TextLayout().concluding("CLEAN: all") == "CLEAN: all")
    #expect(TextLayout(takesColour: true).concluding("CLEAN: all") == "\u{1B}[1;32mCLEAN\u{1B}[0m: all")
  }
}
