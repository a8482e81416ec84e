import FuzzInput
import Policy
import PolicyFiles

/// Any bytes as a wg0.conf: all of it is used or reported.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: unsafe fuzzInput(bytes, count), as: UTF8.self)
  var policy = TunnelPolicy()
  guard let config = try? WireGuardConfig(text, fileName: "wg0.conf") else { return 0 }
  let problems = config.apply(to: &policy)
  precondition(
    !policy.endpoints.isEmpty || !policy.namedEndpoints.isEmpty || !policy.servedPorts.isEmpty || !problems.isEmpty,
    "a configuration without a tunnel is a problem")
  return 0
}
