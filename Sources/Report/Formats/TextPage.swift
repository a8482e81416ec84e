/// Lines of at most 80 columns, as a terminal shows them.
struct TextPage {
  static let width = 80

  private(set) var text = ""

  mutating func line(_ line: String = "") { text += line + "\n" }

  /// A heading with an empty line before it.
  mutating func heading(_ title: String) {
    line()
    line(title)
  }

  /// Breaks words into lines: `first` goes before the first line and `rest` before the others. A word longer than a
  /// line gets its own line: names must stay whole so that they can be copied.
  mutating func paragraph(_ words: String, first: String = "", rest: String = "") {
    var current = first
    var isEmpty = true
    for word in words.split(separator: " ") {
      if !isEmpty, current.count + 1 + word.count > Self.width {
        line(current)
        current = rest
        isEmpty = true
      }
      current += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    line(current)
  }

  /// A column of names and columns of numbers, below a line with the column titles. A name that leaves no room for the
  /// numbers gets its own line.
  mutating func table(_ head: [String], _ rows: [[String]]) {
    let widths = head.indices.dropFirst().map { column in
      ([head] + rows).map { $0[column].count }.max().map { $0 + 2 } ?? 0
    }
    let numbers = widths.reduce(0, +)
    let names = min(max(0, Self.width - numbers), ([head] + rows).map { $0[0].count + 2 }.max() ?? 0)
    for (index, row) in ([head] + rows).enumerated() {
      let name = index == 0 ? row[0] : "  " + row[0]
      let cells = zip(row.dropFirst(), widths).map { $0.right($1) }.joined()
      if name.count > names {
        line(name)
        line("".left(names) + cells)
      } else {
        line(name.left(names) + cells)
      }
    }
  }

  /// Text on the left and at the right edge; on two lines if both do not fit.
  mutating func row(_ left: String, _ right: String, width: Int = TextPage.width) {
    if left.count + 2 + right.count <= width {
      line(left + String(repeating: " ", count: width - left.count - right.count) + right)
    } else {
      line(left)
      line(String(repeating: " ", count: max(0, width - right.count)) + right)
    }
  }
}

extension String {
  /// Padded on the left to a column's width.
  func right(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

  /// Padded on the right to a column's width.
  func left(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
