import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Interfaces that come after the first frames: the bridge that a watch waits for, and the second of two captures.
@Suite struct LateInterfaceTests {
  private static func frame(_ packet: [UInt8], on role: InterfaceRole, at milliseconds: Int64) -> SampleFrame {
    SampleFrame(
      packet, time: Timestamp(nanoseconds: milliseconds * 1_000_000), direction: role == .bridge ? .incoming : .outgoing
    )
  }

  /// Audits one frame on each of the interfaces, which are attached just before it.
  private static func summary(
    _ frames: [(InterfaceRole, SampleFrame)], _ policy: TunnelPolicy = policy(), _ prepare: (inout Auditor) -> Void
  ) -> AuditSummary {
    var auditor = Auditor(policy, seed: 1)
    prepare(&auditor)
    var observer = NoObserver()
    for (role, frame) in frames {
      var cursor = SourceCursor()
      cursor.interfaces.append(auditor.attach(InterfaceTally(name: "\(role)", linkType: .raw, role: role)))
      var source = FrameList([frame])
      _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: 1, observer: &observer)
    }
    return auditor.summary(ConclusionRules())
  }

  @Test func `while bridges are awaited, what only the NIC shows is the host's`() {
    let lookup = Self.frame(
      udpPacket("192.168.1.10:4000", "198.51.100.53:53", dnsQuery("example.org")), on: .nic, at: 1)
    let awaiting = Self.summary([(.nic, lookup)]) { $0.awaitsBridges = true }
    #expect(awaiting.findings.map(\.key.origin) == [.host])
    #expect(awaiting.failingLeaks == 0)
    let alone = Self.summary([(.nic, lookup)]) { _ in }
    #expect(alone.findings.map(\.key.origin) == [.address])
    #expect(alone.failingLeaks == 1)
  }

  @Test func `of merged captures the bridge's may begin before the NIC's`() {
    let onBridge = Self.frame(tcpPacket("172.18.0.9:4000", "198.51.100.80:443", filler(40)), on: .bridge, at: 1)
    let onNIC = Self.frame(tcpPacket("192.168.1.10:4000", "198.51.100.80:443", filler(40)), on: .nic, at: 2)
    let policy = policy { $0.allowRules = [allow("src host 172.18.0.9")] }
    let merged = Self.summary([(.bridge, onBridge), (.nic, onNIC)], policy) { $0.mergesCaptures = true }
    #expect(merged.counts[.allowed].frames == 2)
    #expect(merged.counts[.leak].frames == 0)
    // Without the bridge's frame nothing allows the NIC's.
    let alone = Self.summary([(.nic, onNIC)], policy) { $0.mergesCaptures = true }
    #expect(alone.counts[.leak].frames == 1)
  }
}
