/// Bytes from the wire as text without terminal control characters. Printable ASCII stays as it is. Any other byte, and
/// the backslash, becomes `\DDD` as in RFC 4343 section 2.1.
public enum EscapedText {
  public static func text(_ bytes: RawSpan) -> String {
    var text = ""
    for offset in 0..<bytes.byteCount {
      let byte = bytes.uint8(at: offset)
      if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return text
  }
}
