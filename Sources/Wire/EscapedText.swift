/// Bytes from the wire as text that drives no terminal: printable ASCII as it is, any other byte and the backslash
/// escaped as RFC 4343 section 2.1 has it, `\DDD`.
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
