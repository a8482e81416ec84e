import Audit
import FuzzInput
import Policy
import PolicyFiles
import TestSupport
import Wire

/// The policy of the lab, so that every step of the verdict can be reached.
private let policy: TunnelPolicy = {
  var policy = TunnelPolicy()
  policy.labelRules = .shipped
  _ = try? WireGuardConfig(
    "[Interface]\nAddress = 10.64.114.74\nDNS = 10.64.0.1\nListenPort = 51821\n[Peer]\n"
      + "Endpoint = 203.0.113.178:51820\n[Peer]\nEndpoint = vpn.example:53\n[Peer]\n", fileName: "wg0.conf"
  ).apply(to: &policy)
  return policy
}()

/// A new one comes last: the seeds and earlier findings count from the front.
private let linkTypes: [LinkType] = [
  .null, .ethernet, .ppp, .rawBSD, .rawOpenBSD, .pppHDLC, .raw, .loop, .linuxCooked, .ipv4, .ipv6, .linuxCooked2,
  .pppEther, .nflog,
]

/// Frames of every link type, from their bytes to the summary: each is counted in exactly one class.
///
/// The input is link type and length, then so many bytes, again and again.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = unsafe fuzzInput(bytes, count)[...]
  var frames: [SampleFrame] = []
  while let selector = input.popFirst(), let length = input.popFirst() {
    let linkType = linkTypes[Int(selector & 15) % linkTypes.count]
    let direction = RecordDirection(rawValue: selector >> 4 & 3) ?? .unknown
    frames.append(SampleFrame([UInt8](input.prefix(Int(length))), linkType, direction: direction))
    input = input.dropFirst(Int(length))
  }
  var auditor = Auditor(policy, infersEndpoints: count & 1 == 0, seed: 1)
  var cursor = SourceCursor()
  cursor.interfaces = [
    auditor.attach(InterfaceTally(name: "fuzz", linkType: .ethernet, role: count & 2 == 0 ? .nic : nil))
  ]
  var source = FrameList(frames)
  var observer = NoObserver()
  _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
  let summary = auditor.summary(ConclusionRules())
  precondition(summary.counts.total.frames == frames.count, "every frame in exactly one class")
  return 0
}
