import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Control frames prove that an interface delivers, and are nobody's traffic.
struct ControlFrameTests {
  @Test(arguments: [true, false])
  func `an interface that showed nothing but its control frame has delivered`(isSeen: Bool) {
    let payload = filler(24)
    let (source, destination) = (IPAddress("192.0.2.1")!, IPAddress("192.0.2.2")!)
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    for name in ["bridge", "nic"] {
      cursor.interfaces.append(auditor.attach(InterfaceTally(name: name, linkType: .raw, role: nil)))
    }
    auditor.expect(
      ControlExpectation(source: source, destination: destination, payload: payload, interfaces: [0, 1]))
    var frames = [
      SampleFrame(udpPacket("172.18.0.2:4000", "192.168.1.9:5000"), interface: 0),
      SampleFrame(udpPacket("192.0.2.1:9", "192.0.2.2:9", payload), interface: 0),
    ]
    if isSeen { frames.append(SampleFrame(udpPacket("192.0.2.1:9", "192.0.2.2:9", payload), interface: 1)) }
    var list = FrameList(frames)
    var observer = NoObserver()
    _ = auditor.audit(&list, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    let summary = auditor.summary(ConclusionRules())
    #expect(auditor.frames == 1)
    #expect(summary.incomplete.contains("nic delivered no frame") == !isSeen)
    #expect((summary.conclusion == .clean) == isSeen)
  }

  /// A stack that fails closed sends nothing: whether that can be told from a blind auditor.
  @Test(arguments: [(InterfaceRole.nic, true), (.bridge, false)])
  func `silence is clean where a control frame was seen to leave`(role: InterfaceRole, isClean: Bool) {
    let payload = filler(24)
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces.append(auditor.attach(InterfaceTally(name: "eth0", linkType: .raw, role: role)))
    auditor.expect(
      ControlExpectation(
        source: IPAddress("192.168.1.10")!, destination: IPAddress("192.0.2.2")!, payload: payload, interfaces: [0]))
    let direction = RecordDirection.outgoing
    var list = FrameList([
      SampleFrame(udpPacket("192.168.1.10:9", "192.0.2.2:9", payload), direction: direction),
      SampleFrame(udpPacket("198.51.100.1:4000", "192.168.1.10:5000"), direction: role == .nic ? .incoming : .outgoing),
    ])
    var observer = NoObserver()
    _ = auditor.audit(&list, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    let summary = auditor.summary(ConclusionRules())
    #expect(summary.counts[.ingress].frames == 1)
    #expect((summary.conclusion == .clean) == isClean, "\(summary.incomplete)")
  }
}
