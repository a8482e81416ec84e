import FuzzInput
import PolicyFiles
import StackCheck
import TextFiles

/// Any bytes as a start-up script, and as the hooks of a configuration: a report that names every fault's place.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: unsafe fuzzInput(bytes, count), as: UTF8.self)
  let hooks = text.split(separator: "\n").map { "PostUp = \($0)\nPreDown = \($0)" }.joined(separator: "\n")
  let config =
    "[Interface]\nAddress = 10.0.0.2\n\(hooks)\n[Peer]\nAllowedIPs = 0.0.0.0/0\nEndpoint = 192.0.2.1:51820\n"
  guard let config = try? WireGuardConfig(config, fileName: "wg0.conf") else { return 0 }
  let report = StackAudit.report(
    scripts: [.init(path: "script", target: "script", text: text)], configs: [config])
  for finding in report.findings { precondition(!finding.place.file.isEmpty && !finding.message.isEmpty) }
  return 0
}
