/// What libFuzzer hands over, copied: a finding must be the code's own, not a use after the call.
@unsafe
public func fuzzInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  guard let bytes = unsafe bytes else { return [] }
  return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
}
