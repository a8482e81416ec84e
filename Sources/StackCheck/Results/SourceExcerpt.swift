import Text

/// The line that a finding is about, as compilers show it: its number, its text, and carets below what is meant.
struct SourceExcerpt {
  /// What is meant, in Unicode scalars of the line, from 0.
  let meant: Range<Int>

  private let number: String
  private let cells: [Cell]

  /// What a terminal shows for one or more characters of the line.
  private struct Cell {
    var text: String
    var columns: Int
    var isMeant: Bool
  }

  /// A tab takes as many columns, wherever it stands.
  private static let tab = 4
  /// More marks over one character are hardly a language.
  private static let mostMarks = 4

  /// Nil if the line is empty. What the message quotes from the line is meant, else the whole line.
  init?(_ line: SourceLine, number: Int, message: String) {
    guard let content = line.content else { return nil }
    let masked = Masked(line)
    meant = masked.range(quotedBy: message) ?? content
    self.number = String(number)
    var cells: [Cell] = []
    var marks = 0
    for (scalar, origin) in zip(masked.text, masked.origins).prefix(masked.count(upTo: content.upperBound)) {
      let isMeant = origin.overlaps(meant)
      if scalar == "\t" {
        cells.append(Cell(text: String(repeating: " ", count: Self.tab), columns: Self.tab, isMeant: isMeant))
      } else if !Formatting.isUnsafe(scalar), scalar.columns == 0, !cells.isEmpty, marks < Self.mostMarks {
        cells[cells.count - 1].text.unicodeScalars.append(scalar)
        marks += 1
        continue
      } else {
        let isShown = !Formatting.isUnsafe(scalar) && scalar.columns > 0
        let text = isShown ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        cells.append(Cell(text: text, columns: text.columns, isMeant: isMeant))
      }
      marks = 0
    }
    self.cells = cells
  }

  /// The two lines. A line longer than the page is cut on both sides of what is meant, with `…` where something is
  /// missing.
  func write(to page: inout TextPage, _ style: TextStyle) {
    let gutter = number.right(6)
    let room = max(page.width - gutter.columns - 3, 8)
    let window = window(room)
    var (text, carets) = ("", "")
    for cell in cells[window] {
      text += cell.text
      carets += String(repeating: cell.isMeant ? "^" : " ", count: cell.columns)
    }
    if window.lowerBound > 0 { (text, carets) = ("…" + text, " " + carets) }
    if window.upperBound < cells.count { text += "…" }
    while carets.last == " " { carets.removeLast() }
    page.line("\(gutter) | \(text)")
    page.line("\("".right(6 + max(0, gutter.columns - 6))) | \(page.layout.styled(carets, style))")
  }

  /// The cells that fit, around what is meant.
  private func window(_ room: Int) -> Range<Int> {
    guard cells.reduce(0, { $0 + $1.columns }) > room, let first = cells.firstIndex(where: \.isMeant) else {
      return cells.indices
    }
    var start = first
    // What is meant first, with a quarter of the room before it. All that stands before it, if that leaves room.
    let last = cells.lastIndex(where: \.isMeant) ?? first
    let before = cells[...last].reduce(0) { $0 + $1.columns }
    if before <= room - 1 {
      start = 0
    } else {
      var context = room / 4
      while start > 0, context >= cells[start - 1].columns {
        start -= 1
        context -= cells[start].columns
      }
    }
    var left = room - (start > 0 ? 1 : 0) - 1
    var end = start
    while end < cells.count, cells[end].columns <= left {
      left -= cells[end].columns
      end += 1
    }
    // What is left over at the line's end is room for more before.
    left += end == cells.count ? 1 : 0
    while start > 0, cells[start - 1].columns <= left {
      left -= cells[start - 1].columns
      start -= 1
    }
    return start..<end
  }
}

/// A line with its secrets masked, and where each character comes from.
private struct Masked {
  var text: [Unicode.Scalar] = []
  var origins: [Range<Int>] = []

  init(_ line: SourceLine) {
    var position = 0
    for secret in line.secrets where !secret.isEmpty {
      for index in position..<max(position, secret.lowerBound) { append(line.text[index], index..<(index + 1)) }
      for scalar in Secrets.mask.unicodeScalars { append(scalar, secret) }
      position = secret.upperBound
    }
    for index in position..<line.text.count { append(line.text[index], index..<(index + 1)) }
  }

  private mutating func append(_ scalar: Unicode.Scalar, _ origin: Range<Int>) {
    text.append(scalar)
    origins.append(origin)
  }

  /// How many characters stand for those before a position of the line.
  func count(upTo end: Int) -> Int { origins.firstIndex { $0.lowerBound >= end } ?? text.count }

  /// Quotes that are tried: messages have few.
  private static let mostQuotes = 12

  /// Where the first text that the message quotes stands in the line, as a whole word.
  func range(quotedBy message: String) -> Range<Int>? {
    let message = Array(message.unicodeScalars)
    let quotes = message.indices.filter { message[$0] == "'" }.prefix(Self.mostQuotes)
    for open in quotes {
      for close in quotes.reversed() where close > open + 1 {
        if let found = range(of: message[(open + 1)..<close]) { return found }
      }
    }
    return nil
  }

  private func range(of words: ArraySlice<Unicode.Scalar>) -> Range<Int>? {
    guard let head = words.first, words.count <= text.count else { return nil }
    func isWord(_ index: Int) -> Bool {
      guard text.indices.contains(index) else { return false }
      return text[index].properties.isAlphabetic || ("0"..."9").contains(text[index])
        || "_-".unicodeScalars.contains(text[index])
    }
    for start in 0...(text.count - words.count) where text[start] == head && text[start...].starts(with: words) {
      let end = start + words.count
      guard !(isWord(start) && isWord(start - 1)), !(isWord(end - 1) && isWord(end)) else { continue }
      return origins[start].lowerBound..<origins[end - 1].upperBound
    }
    return nil
  }
}
