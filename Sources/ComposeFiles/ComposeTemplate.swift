import TextFiles

/// Text with variables in it, as Compose fills them in (compose-spec, interpolation): `$NAME`, `${NAME}`,
/// `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`, `${NAME:+other}`, `${NAME+other}` and
/// `$$`. A default, a message and the other value may hold variables again, and braces in pairs. Any other `$` is a
/// dollar sign, as in `^.+$` (compose-go, template.go).
struct ComposeTemplate {
  /// How deep defaults may nest.
  static let depthLimit = 32
  /// The longest result, in bytes.
  static let sizeLimit = 1 << 20

  struct Failure: Error, Equatable {
    /// What is wrong and what to do, as the end of a sentence.
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  private let text: [UInt8]
  private let lookup: (String) -> String?
  private var position = 0
  private var used = 0
  /// Variables without a value and without a replacement, in the order of the text.
  private(set) var unset: [String] = []

  /// The text with its variables filled in, and the variables that had no value and were taken as blank.
  static func expand(
    _ text: String, _ lookup: (String) -> String?
  ) throws(Failure) -> (text: String, unset: [String]) {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, []) }
    // The closure does not outlive the call.
    return try withoutActuallyEscaping(lookup) { lookup throws(Failure) in
      var template = ComposeTemplate(text: Array(text.utf8), lookup: lookup)
      let result = try template.run(depth: 0, isUsed: true)
      return (String(decoding: result, as: UTF8.self), template.unset)
    }
  }

  private init(text: [UInt8], lookup: @escaping (String) -> String?) {
    self.text = text
    self.lookup = lookup
  }

  /// Reads to the end of the text, or inside of braces to the closing brace. What is not used is only checked.
  private mutating func run(depth: Int, isUsed: Bool) throws(Failure) -> [UInt8] {
    guard depth <= Self.depthLimit else {
      throw Failure("its variables nest deeper than \(Self.depthLimit) levels; write the value out")
    }
    var result: [UInt8] = []
    var braces = 0
    while position < text.count {
      let byte = text[position]
      if depth > 0, byte == UInt8(ascii: "}") {
        if braces == 0 { return result }
        braces -= 1
      }
      position += 1
      guard byte == UInt8(ascii: "$") else {
        if byte == UInt8(ascii: "{") { braces += 1 }
        result.append(byte)
        continue
      }
      switch position < text.count ? text[position] : 0 {
      case UInt8(ascii: "$"):
        position += 1
        result.append(byte)
      case UInt8(ascii: "{"):
        position += 1
        result += try braced(depth: depth, isUsed: isUsed)
      default:
        if let name = name() { if isUsed { result += try value(of: name) } } else { result.append(byte) }
      }
      guard result.count <= Self.sizeLimit else { throw Self.tooLong }
    }
    guard depth == 0 else { throw Failure("'${' is not closed; add the '}'") }
    return result
  }

  /// Reads what follows `${`.
  private mutating func braced(depth: Int, isUsed: Bool) throws(Failure) -> [UInt8] {
    guard let name = name() else { throw Self.invalid }
    if position < text.count, text[position] == UInt8(ascii: "}") {
      position += 1
      return isUsed ? try value(of: name) : []
    }
    var emptyCounts = false
    if position < text.count, text[position] == UInt8(ascii: ":") {
      emptyCounts = true
      position += 1
    }
    guard position < text.count else { throw Self.invalid }
    let sign = text[position]
    guard [UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: "+")].contains(sign) else { throw Self.invalid }
    position += 1
    let found = lookup(name)
    let isSet = found.map { !(emptyCounts && $0.isEmpty) } ?? false
    let takesOther = sign == UInt8(ascii: "+") ? isSet : !isSet
    let other = try run(depth: depth + 1, isUsed: isUsed && takesOther)
    position += 1
    guard isUsed else { return [] }
    if takesOther {
      guard sign != UInt8(ascii: "?") else {
        let message = String(decoding: other, as: UTF8.self)
        throw Failure(
          "the variable \(quoted(name)) is required and has no value" + (message.isEmpty ? "" : ": \(quoted(message))"))
      }
      return try counted(other)
    }
    return sign == UInt8(ascii: "+") ? [] : try counted(Array((found ?? "").utf8))
  }

  /// Letters, digits and `_`, but no digit first. Nil if no name begins here.
  private mutating func name() -> String? {
    let start = position
    scan: while position < text.count {
      switch text[position] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
      case UInt8(ascii: "0")...UInt8(ascii: "9") where position > start: break
      default: break scan
      }
      position += 1
    }
    return position > start ? String(decoding: text[start..<position], as: UTF8.self) : nil
  }

  private mutating func value(of name: String) throws(Failure) -> [UInt8] {
    guard let value = lookup(name) else {
      unset.append(name)
      return []
    }
    return try counted(Array(value.utf8))
  }

  private mutating func counted(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    used += bytes.count
    guard used <= Self.sizeLimit else { throw Self.tooLong }
    return bytes
  }

  private static let invalid = Failure("'${' does not start a variable here; write ${NAME}, or $${ for the characters")
  private static let tooLong = Failure("its variables make it longer than 1 MiB; write a shorter value")
}
