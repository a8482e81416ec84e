/// Plain YAML values as Compose passes them on.
enum ComposeScalar {
  /// A plain value as text: Compose reads numbers and booleans before it writes them out again, so `UMASK: 022`
  /// becomes 18 and `1.50` becomes 1.5. Texts stay as they are.
  static func canonical(_ text: String) -> String {
    if let first = text.utf8.first, first == 0x2D || first == 0x2B || first == 0x2E || (0x30...0x39).contains(first) {
      return integer(text).map(String.init) ?? decimalFraction(text) ?? text
    }
    switch text {
    case "True", "TRUE": return "true"
    case "False", "FALSE": return "false"
    default: return text
    }
  }

  /// `0x1f`, `0o17`, `017`, `0b11`, and digits with `_` between them; nil for what does not fit into an Int64.
  private static func integer(_ text: String) -> Int64? {
    let isNegative = text.hasPrefix("-")
    var digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    var radix = 10
    if digits.utf8.count > 1, digits.hasPrefix("0") {
      switch digits.dropFirst().first {
      case "x", "X": radix = 16
      case "o", "O": radix = 8
      case "b", "B": radix = 2
      default:
        radix = 8
        digits = "0o" + digits.dropFirst()
      }
      digits = digits.dropFirst(2)
    }
    let plain = digits.filter { $0 != "_" }
    guard let first = plain.first, first != "-", first != "+" else { return nil }
    return Int64(isNegative ? "-" + plain : plain, radix: radix)
  }

  private static func decimalFraction(_ text: String) -> String? {
    let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
    guard isNumber, text.utf8.contains(where: { (0x30...0x39).contains($0) }), let value = Double(text),
      value.magnitude < 1e15, value.magnitude >= 1e-4 || value == 0
    else { return nil }
    let written = value.description
    return written.hasSuffix(".0") ? String(written.dropLast(2)) : written
  }

  /// The booleans of YAML 1.1 and those that Compose takes from variables.
  static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "1", "t", "y", "yes", "on": true
    case "false", "0", "f", "n", "no", "off", "": false
    default: nil
    }
  }
}
