/// A copy of libFuzzer's input: a finding must come from the code itself, not from a use after the call.
@unsafe
public func fuzzInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  guard let bytes = unsafe bytes else { return [] }
  return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
}
