import Foundation

/// Writes the JSON of all the program's outputs.
package enum JSON {
  /// One document on several lines, with sorted keys, so that two runs can be compared.
  package static func pretty(_ value: some Encodable) throws -> String {
    try encode(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + "\n"
  }

  /// One document on one line.
  package static func line(_ value: some Encodable) throws -> String {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes]) + "\n"
  }

  private static func encode(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    // Bytes are quicker to look at than scalars, and all that is escaped here begins with one of these.
    guard text.utf8.contains(where: { $0 >= 0x7F }) else { return text }
    return text.unicodeScalars.reduce(into: "") { append($1, to: &$0) }
  }

  /// The encoder escapes only what RFC 8259 requires, which includes all of C0. It does not escape DEL, the C1 controls, or the marks that
  /// reverse a line, on which a terminal acts. Such scalars occur only inside strings. Line feeds stay, because the
  /// encoder writes them between its lines.
  private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool { scalar != "\n" && Formatting.isUnsafe(scalar) }

  /// Appends a scalar as it is, or as `\u` and four hexadecimal digits for each UTF-16 unit. Readers get the same text.
  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    guard isEscaped(scalar) else { return text.unicodeScalars.append(scalar) }
    for unit in UTF16.encode(scalar)! {
      let digits = String(unit, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  /// A string literal (RFC 8259 section 7), for output per frame, where an encoder would cost more than
  /// the audit. Characters on which a terminal acts are escaped.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        quoted += "\\"
        quoted.unicodeScalars.append(scalar)
      case "\n": quoted += "\\n"
      default: append(scalar, to: &quoted)
      }
    }
    return quoted + "\""
  }
}
