/// Text in lines that fit, as a terminal shows them. No line is longer than the width, except where one word alone is:
/// a path or a command must stay whole so that it can be copied.
package struct TextPage {
  package let layout: TextLayout
  package private(set) var text = ""

  package init(_ layout: TextLayout = TextLayout()) { self.layout = layout }

  package var width: Int { layout.width }

  package mutating func line(_ line: String = "") { text += line + "\n" }

  /// A heading with an empty line before it.
  package mutating func heading(_ title: String) {
    line()
    paragraph(title, rest: "  ")
  }

  /// Breaks words into lines: `first` goes before the first line and `rest` before the others. A word longer than a
  /// line gets its own line.
  package mutating func paragraph(_ words: String, first: String = "", rest: String = "") {
    var current = first
    var taken = first.columns
    var isEmpty = true
    for word in words.split(separator: " ") {
      let columns = word.columns
      if !isEmpty, taken + 1 + columns > width {
        line(current)
        current = rest
        taken = rest.columns
        isEmpty = true
      }
      current += (isEmpty ? "" : " ") + word
      taken += (isEmpty ? 0 : 1) + columns
      isEmpty = false
    }
    line(current)
  }

  /// A column of names and columns of numbers, below a line with the column titles. A name that leaves no room for the
  /// numbers gets its own line. If the numbers alone do not fit, each row is a paragraph with the titles in it.
  package mutating func table(_ head: [String], _ rows: [[String]]) {
    let widths = head.indices.dropFirst().map { column in
      ([head] + rows).map { $0[column].columns }.max().map { $0 + 2 } ?? 0
    }
    let numbers = widths.reduce(0, +)
    guard numbers <= width else {
      line(head[0])
      for row in rows {
        let cells = zip(head, row).dropFirst().map { "\($0): \($1)" }.joined(separator: ", ")
        paragraph("\(row[0]) \(cells)", first: "  ", rest: "    ")
      }
      return
    }
    let names = min(width - numbers, ([head] + rows).map { $0[0].columns + 2 }.max() ?? 0)
    for (index, row) in ([head] + rows).enumerated() {
      let name = index == 0 ? row[0] : "  " + row[0]
      let cells = zip(row.dropFirst(), widths).map { $0.right($1) }.joined()
      if name.columns > names {
        line(name)
        line("".left(names) + cells)
      } else {
        line(name.left(names) + cells)
      }
    }
  }

  /// Text on the left and at the right edge; on lines of their own if both do not fit.
  package mutating func row(_ left: String, _ right: String) {
    if left.columns + 2 + right.columns <= width {
      line(left + String(repeating: " ", count: width - left.columns - right.columns) + right)
    } else {
      let indent = String(left.prefix { $0 == " " })
      paragraph(left, first: indent, rest: indent + "  ")
      if right.columns <= width {
        line(right.right(width))
      } else {
        paragraph(right, first: indent, rest: indent + "  ")
      }
    }
  }
}

extension String {
  /// Padded on the left to a number of columns.
  package func right(_ width: Int) -> String { String(repeating: " ", count: max(0, width - columns)) + self }

  /// Padded on the right to a number of columns.
  package func left(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - columns)) }
}
