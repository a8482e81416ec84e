/// The text without white space of the C locale on both sides, including the carriage return of CRLF.
package func trimmed(_ text: some StringProtocol) -> String {
  var bytes = Array(text.utf8)[...]
  while let last = bytes.last, isSpace(last) { bytes.removeLast() }
  return String(decoding: bytes.drop(while: isSpace), as: UTF8.self)
}

package func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// A number of decimal digits only: no sign, no space, no separator.
package func decimal<Number: FixedWidthInteger>(_ text: some StringProtocol, _: Number.Type) -> Number? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Number(text, radix: 10)
}
