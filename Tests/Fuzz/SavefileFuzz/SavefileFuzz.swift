import FuzzInput
import Savefile
import Wire

/// Any bytes as a savefile: every frame is read to its end, damage is an error, nothing traps or hangs.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe fuzzInput(bytes, count)
  do throws(SavefileError) {
    var reader = try SavefileReader(ByteStream(bytes: input), skipUnsupported: true)
    var total = 0
    while try reader.advance() {
      let frame = reader.frame
      precondition(frame.interface < reader.interfaceCount)
      for index in 0..<frame.bytes.byteCount { total &+= Int(frame.bytes.uint8(at: index)) }
    }
    let goesOn = try reader.advance()
    precondition(!goesOn, "a source that ended stays ended")
  } catch {
    precondition(!error.description.isEmpty)
  }
  return 0
}
