import Audit
import Policy
import TestSupport
import Testing
import Wire

/// A role that is known only after the first frames: steady flows are then decided again.
@Suite struct ChangedRoleTests {
  @Test func `a new role of an interface applies to known flows too`() {
    var auditor = Auditor(policy { $0.local = [stated(prefix("192.168.0.0/16"))] }, seed: 1)
    var cursor = SourceCursor()
    let interface = auditor.attach(InterfaceTally(name: "eth0", linkType: .ethernet, role: nil))
    cursor.interfaces.append(interface)
    let packet = udpPacket("172.18.0.2:4000", "192.168.1.9:5000", [1, 2, 3])
    let frames = (0..<6).map { number in
      SampleFrame(
        ethernet(packet, .ipv4), .ethernet, time: Timestamp(nanoseconds: Int64(number)), direction: .incoming)
    }
    var observer = NoObserver()
    for (role, part) in [(nil, frames[..<3]), (InterfaceRole.nic, frames[3...])] {
      if let role { auditor.setRole(role, on: interface) }
      var source = FrameList(Array(part))
      _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: 100, observer: &observer)
    }
    // Without a role the addresses say that it goes out; on a NIC the record says that it came in.
    let counted = auditor.summary(ConclusionRules()).interfaces[0]
    #expect(counted.counts[.local].frames == 3, "\(counted)")
    #expect(counted.counts[.ingress].frames == 3, "\(counted)")
  }
}
