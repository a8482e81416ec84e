import FuzzInput
import HostileAudit

/// Conversations of valid frames with hostile fields, audited fast and in full (`HostileTraffic`).
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let problems = problems(ofConversation: unsafe fuzzInput(bytes, count))
  // A failed precondition shows no message in a release build.
  if !problems.isEmpty { fatalError(problems.joined(separator: "\n")) }
  return 0
}
