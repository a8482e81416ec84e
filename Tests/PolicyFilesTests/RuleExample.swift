/// A raw IP packet and what a shipped rule says to it.
struct RuleExample: Sendable, CustomStringConvertible {
  let rule: String
  let note: String
  /// Whether the rule must match. A packet that must not is a near miss: it differs in what the rule asks for.
  let isMatch: Bool
  let packet: [UInt8]

  static let all = content + ports

  var isIPv6: Bool { packet[0] >> 4 == 6 }

  var description: String { "\(rule): \(note)" }

  /// Reads a table of examples: the rule's id on a line; below it `+ note: packet` for a match and
  /// `- note: packet` for a near miss, continued on lines that are indented.
  ///
  /// A packet is written header by header with `|` between them; `00*12` is a byte twelve times.
  static func table(_ text: String) -> [RuleExample] {
    var examples: [RuleExample] = []
    var rule = ""
    for line in text.replacing("\n    ", with: " ").split(separator: "\n") {
      if line.hasPrefix("+ ") || line.hasPrefix("- ") {
        let colon = line.ranges(of: ": ")[0]
        examples.append(
          RuleExample(
            rule: rule, note: String(line[..<colon.lowerBound].dropFirst(2)), isMatch: line.hasPrefix("+"),
            packet: bytes(line[colon.upperBound...])))
      } else {
        rule = String(line)
      }
    }
    return examples
  }

  private static func bytes(_ text: Substring) -> [UInt8] {
    text.split { $0 == " " || $0 == "|" }.flatMap { word -> [UInt8] in
      let parts = word.split(separator: "*")
      let digits = Array(parts[0].utf8)
      let run = stride(from: 0, to: digits.count, by: 2).map { index in
        UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)!
      }
      return parts.count == 1 ? run : [[UInt8]](repeating: run, count: Int(parts[1])!).flatMap { $0 }
    }
  }
}
