import FuzzInput
import Policy
import PolicyFiles
import TextFiles

/// Any bytes as a YAML policy: a policy or errors with their places.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: unsafe fuzzInput(bytes, count), as: UTF8.self)
  do {
    var policy = TunnelPolicy()
    try PolicyFile(text, fileName: "policy.yaml").apply(to: &policy)
  } catch {
    precondition(!error.problems.isEmpty)
  }
  return 0
}
