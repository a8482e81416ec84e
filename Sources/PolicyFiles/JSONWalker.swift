/// Walks through a JSON text (RFC 8259) once, from its first byte to its last, and keeps nothing of it.
///
/// For large files that somebody else may have written: the time is linear in the length, memory is what the caller
/// keeps, nesting is bounded, and nothing is searched twice.
struct JSONWalker {
  /// Why the text could not be walked, and the line, counted from 1.
  struct Fault: Error, Hashable {
    var line: Int
    var reason: String
  }

  /// Deeper than any file that is meant to be read here.
  private static let mostLevels = 64
  /// Longer texts can only be skipped, with `skip`.
  private static let longestText = 1024

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  func fault(_ reason: String) -> Fault {
    Fault(line: 1 + bytes.prefix(position).count { $0 == UInt8(ascii: "\n") }, reason: reason)
  }

  /// The first byte of the next value or sign; nil at the end.
  private mutating func next() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return bytes[position]
      }
    }
    return nil
  }

  /// Whether the next value starts with this byte, which shows its kind.
  mutating func startsWith(_ sign: Character) -> Bool { next() == sign.asciiValue }

  private mutating func expect(_ sign: Character) throws(Fault) {
    guard next() == sign.asciiValue else { throw fault("a '\(sign)' is missing") }
    position += 1
  }

  private mutating func skip(_ sign: Character) -> Bool {
    guard next() == sign.asciiValue else { return false }
    position += 1
    return true
  }

  /// Throws if anything follows.
  mutating func end() throws(Fault) {
    if next() != nil { throw fault("something follows the end") }
  }

  /// Walks an object; the body reads each member's value.
  mutating func object(_ body: (inout Self, String) throws(Fault) -> Void) throws(Fault) {
    try expect("{")
    if skip("}") { return }
    repeat {
      let name = try text()
      try expect(":")
      try body(&self, name)
    } while skip(",")
    try expect("}")
  }

  /// Walks an array; the body reads each element.
  mutating func array(_ body: (inout Self) throws(Fault) -> Void) throws(Fault) {
    try expect("[")
    if skip("]") { return }
    repeat { try body(&self) } while skip(",")
    try expect("]")
  }

  /// Reads a string.
  mutating func text() throws(Fault) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
      case 0..<0x20: throw fault("a string holds a control character")
      default: text.append(byte)
      }
      if text.count > Self.longestText { throw fault("a string is longer than \(Self.longestText) bytes") }
    }
    throw fault("a string has no end")
  }

  private mutating func escaped() throws(Fault) -> Character {
    guard position < bytes.count else { throw fault("a string has no end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try unit()
      guard (0xD800..<0xDC00).contains(first) else { return Self.character([first]) }
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      else { return Self.character([first]) }
      position += 2
      return Self.character([first, try unit()])
    default: throw fault("a string holds an unknown escape")
    }
  }

  private static func character(_ units: [UInt16]) -> Character {
    String(decoding: units, as: UTF16.self).first ?? "\u{FFFD}"
  }

  private mutating func unit() throws(Fault) -> UInt16 {
    guard position + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw fault("a string holds an unknown escape") }
    position += 4
    return unit
  }

  /// Reads a number, `true`, `false` or `null`, as written.
  mutating func word() throws(Fault) -> String {
    _ = next()
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): position += 1
      default:
        guard position > start else { throw fault("a value is missing") }
        return String(decoding: bytes[start..<min(position, start + 32)], as: UTF8.self)
      }
    }
    throw fault("a value is missing")
  }

  /// Skips a value of any kind.
  mutating func skip() throws(Fault) {
    var levels: [UInt8] = []
    repeat {
      guard let byte = next() else { throw fault("the text ends early") }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard levels.count < Self.mostLevels else { throw fault("it is nested more than \(Self.mostLevels) deep") }
        levels.append(byte + 2)
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard levels.popLast() == byte else { throw fault("a bracket does not match") }
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard !levels.isEmpty else { throw fault("a value is missing") }
        position += 1
      case UInt8(ascii: "\""): try skipText()
      default: _ = try word()
      }
    } while !levels.isEmpty
  }

  private mutating func skipText() throws(Fault) {
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): position += 2
      default: position += 1
      }
    }
    throw fault("a string has no end")
  }
}
