import Foundation

/// JSON as every output of the program writes it.
package enum JSON {
  /// One document over several lines, keys sorted, so that two runs can be compared.
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
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A string literal (RFC 8259 section 7), for output per frame, where an encoder would cost more than
  /// the audit. Control and other ASCII characters that a terminal obeys are escaped.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in Formatting.safe(text).unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
