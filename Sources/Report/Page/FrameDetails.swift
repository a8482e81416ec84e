import Text
import Wire

/// A frame's details, which open on a click: what its headers say, and its bytes.
enum FrameDetails {
  private static let perLine = 8

  static func html(_ frame: EvidenceFrame) -> String {
    let length =
      Formatting.count(frame.originalLength, "byte")
      + (frame.capturedLength < frame.originalLength
        ? ", of which \(Formatting.number(frame.capturedLength)) are kept" : "")
    let fields = [
      ("time", PageTime.exact(frame.time)), ("interface", Markup.name(frame.interface)),
      ("link", Markup.escaped("\(frame.linkType)")), ("length", length),
      ("headers", Markup.escaped(ExplanationText.headers(frame.packet))),
    ]
    let more = frame.capturedLength - frame.bytes.count
    return "<details class=\"frame\"><summary>First frame</summary><dl>"
      + fields.map { "<dt>\($0)</dt><dd>\($1)</dd>" }.joined()
      + "</dl><pre class=\"hex\" tabindex=\"0\" role=\"group\" aria-label=\"The frame's bytes\">\(hex(frame.bytes))</pre>"
      + (more > 0 ? "<p class=\"quiet\">and \(Formatting.count(more, "more byte"))</p>" : "") + "</details>"
  }

  /// `0008  45 00 00 1c  E...`: the line's offset, its bytes, and the same as ASCII, with a dot for each byte that
  /// cannot be printed.
  private static func hex(_ bytes: [UInt8]) -> String {
    stride(from: 0, to: bytes.count, by: perLine).map { start in
      let line = bytes[start..<min(start + perLine, bytes.count)]
      let digits = line.map { self.digits(Int($0), 2) }.joined(separator: " ")
      let letters = String(String.UnicodeScalarView(line.map { (0x20...0x7E).contains($0) ? Unicode.Scalar($0) : "." }))
      let gap = String(repeating: " ", count: 3 * perLine - 1 - digits.count + 2)
      return "\(self.digits(start, 4))  \(digits)\(gap)\(Markup.escaped(letters))"
    }.joined(separator: "\n")
  }

  private static func digits(_ value: Int, _ count: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
