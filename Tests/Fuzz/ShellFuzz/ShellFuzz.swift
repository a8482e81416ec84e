import FuzzInput
import PolicyFiles
import StackCheck
import TextFiles

/// Any bytes as a start-up script that is walked. The rules that it makes are not evaluated: that takes much longer
/// and has its own target.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: unsafe fuzzInput(bytes, count), as: UTF8.self)
  let report = StackAudit.reading(.init(path: "script", target: "script", text: text))
  for line in report.skipped { precondition(!line.place.file.isEmpty && !line.reason.isEmpty) }
  return 0
}
