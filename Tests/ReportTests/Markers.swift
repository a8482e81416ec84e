import Foundation
import TestSupport

/// Bytes that appear nowhere by chance, and the ways in which they could leak.
struct Marker {
  let bytes: [UInt8]

  /// Numbered, so that each field has its own. No byte of them is common, and no four are an address that stays.
  init(_ number: Int) {
    var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
    bytes = (0..<8).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 0xC9 + UInt8(truncatingIfNeeded: state >> 40) % 0x16
    }
  }

  /// Whether four bytes of it in a row are there: as they were, in reversed order, or shifted by some bits.
  func isIn(_ haystack: [UInt8]) -> Bool {
    guard haystack.count >= 4 else { return false }
    var needles = Set<UInt32>()
    func add(_ bytes: [UInt8]) {
      for start in 0...bytes.count - 4 { needles.insert(Self.word(bytes[start..<start + 4])) }
    }
    add(bytes)
    add(bytes.reversed())
    let whole = bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    for shift in 1..<8 {
      add(bigEndian(whole << UInt64(shift)).dropLast())
    }
    var word = Self.word(haystack[..<3])
    for byte in haystack[3...] {
      word = word << 8 | UInt32(byte)
      if needles.contains(word) { return true }
    }
    return false
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}

/// A word in a name or a text, and the ways in which a text could reveal it.
struct MarkedWord: CustomStringConvertible {
  let text: String
  var description: String { text }

  func isIn(_ haystack: String) -> Bool {
    let bytes = Array(text.utf8)
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let lower = haystack.lowercased()
    if [text, String(text.reversed()), hex].contains(where: { lower.contains($0.lowercased()) }) { return true }
    // Base64 differs by where in a group of three bytes it begins; its ends depend on the neighbours.
    return (0..<3).contains { padding in
      let encoded = Data([UInt8](repeating: 0x2E, count: padding) + bytes).base64EncodedString()
      let certain = encoded.dropFirst(padding == 0 ? 0 : 4).dropLast(4)
      return certain.count >= 4 && haystack.contains(certain)
    }
  }
}
