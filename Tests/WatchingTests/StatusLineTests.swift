import Audit
import Policy
import TestSupport
import Testing
import Wire

@testable import Watching

@Suite struct StatusLineTests {
  @Test func `rates are of the time since the last line, leaks and losses of all`() {
    var policy = TunnelPolicy()
    policy.endpoints = [Stated(TunnelEndpoint(endpoint("203.0.113.178:51820")), origin: "test")]
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "eth0", linkType: .raw, role: .nic))]
    var observer = Silence()
    func audit(_ packets: [[UInt8]]) {
      var source = FrameList(packets.map { SampleFrame($0) })
      _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    }
    let start = ContinuousClock.now
    var status = StatusLine(at: start)
    let printer = udpPacket("192.168.1.10:4000", "192.168.1.20:631")
    let query = udpPacket("192.168.1.10:4000", "198.51.100.53:53", dnsQuery("example.org"))
    audit(Array(repeating: printer, count: 10) + [query])
    let first = status.text(auditor, drops: 0, at: start + .seconds(2))
    #expect(first.hasPrefix("2.0 s: tunnel 0/s, local 5/s, allowed 0/s, 1 leak, tunnel "), "\(first)")
    audit(Array(repeating: printer, count: 3))
    let later = status.text(auditor, drops: 1234, at: start + .seconds(3))
    #expect(later.hasPrefix("3.0 s: tunnel 0/s, local 3/s, allowed 0/s, 1 leak, tunnel "), "\(later)")
    #expect(later.hasSuffix(", 1,234 DROPPED"), "\(later)")
  }
}

private struct Silence: FrameObserver {
  static var isActive: Bool { false }

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}

  mutating func observe(
    leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {}
}
