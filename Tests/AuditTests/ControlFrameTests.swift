import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Control frames prove that an interface delivers, and only the frame that was sent counts as one.
struct ControlFrameTests {
  private static let source = IPAddress("192.0.2.1")!
  private static let destination = IPAddress("192.0.2.2")!
  private static let packet = udpPacket("192.0.2.1:9", "192.0.2.2:9", filler(34))
  private static let mac = MACAddress("02:42:ac:12:00:01")!
  private static let containerMAC = MACAddress("02:42:ac:12:00:02")!

  /// A watch of `br-stack` and `eth0` that sent one control frame on the bridge and one on the NIC, and then saw these.
  private static func audit(_ frames: [SampleFrame]) -> AuditSummary {
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    for (name, role) in [("br-stack", InterfaceRole.bridge), ("eth0", .nic)] {
      cursor.interfaces.append(auditor.attach(InterfaceTally(name: name, linkType: .linuxCooked2, role: role)))
    }
    auditor.expect(ControlExpectation(source: source, destination: destination, interfaces: [0, 1]))
    auditor.expectControl(packet, from: mac, on: 0)
    auditor.expectControl(packet.dropLast() + [7], from: mac, on: 1)
    var list = FrameList(frames)
    var observer = NoObserver()
    _ = auditor.audit(&list, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    let summary = auditor.summary(ConclusionRules())
    #expect(summary.counts.total.frames == frames.count, "every frame is in one class")
    #expect(summary.allowed.reduce(0) { $0 + $1.count.frames } == summary.counts[.allowed].frames)
    return summary
  }

  private static func frame(
    _ packet: [UInt8], interface: Int = 0, _ direction: RecordDirection = .outgoing, from mac: MACAddress = mac
  ) -> SampleFrame {
    SampleFrame(
      cooked2(packet, .ipv4, packetType: direction == .outgoing ? 4 : 0, from: mac), .linuxCooked2,
      interface: interface,
      direction: direction)
  }

  private static let shown = [frame(packet), frame(packet.dropLast() + [7], interface: 1)]

  @Test func `silence is clean if both control frames were seen`() {
    let summary = Self.audit(Self.shown)
    #expect(summary.conclusion == .clean, "\(summary.incomplete)")
    #expect(summary.controls.map(\.verdict?.verdictClass) == [.ingress, .leak])
    #expect(summary.interfaces.map { $0.counts[.ingress].frames } == [1, 0])
    #expect(summary.interfaces.map { $0.counts[.allowed].frames } == [0, 1])
    #expect(summary.allowed.map(\.name) == ["control"])
    #expect(summary.notices.allSatisfy { $0.kind != .foreignSource })
  }

  @Test func `an interface that did not show its control frame is named`() {
    let summary = Self.audit([Self.shown[0]])
    #expect(summary.conclusion == .incomplete)
    #expect(summary.incomplete.prefix(2) == ["eth0 did not deliver its control frame", "eth0 delivered no frame"])
  }

  /// What a container can do with the frame that it saw on its bridge.
  private static let copies: [(name: String, frame: SampleFrame)] = {
    func changed(_ offset: Int) -> [UInt8] {
      var copy = packet
      copy[offset] ^= 1
      return copy
    }
    return [
      ("the frame itself", frame(packet, .incoming, from: containerMAC)),
      ("from the bridge's own MAC address", frame(packet, .incoming)),
      ("another id", frame(changed(5), .incoming)),
      ("another source port", frame(changed(21), .incoming)),
      ("another destination port", frame(changed(23), .incoming)),
      ("routed to the NIC", frame(packet, interface: 1, from: MACAddress("02:00:c0:a8:01:0a")!)),
      ("routed to the NIC, with another id", frame(changed(5), interface: 1)),
      ("with bytes behind", frame(packet + [0], interface: 1)),
    ]
  }()

  @Test(arguments: copies)
  func `a copied control frame is a leak and proves nothing`(name: String, copy: SampleFrame) {
    for frames in [[copy] + Self.shown, Self.shown + [copy, copy]] {
      let summary = Self.audit(frames)
      #expect(summary.counts[.leak].frames == frames.count - 2, "\(name)")
      #expect(summary.controls.map(\.verdict?.verdictClass) == [.ingress, .leak], "\(name)")
      #expect(summary.gaps.isEmpty, "\(name): \(summary.incomplete)")
    }
    #expect(Self.audit([copy]).incomplete.filter { $0.hasSuffix("did not deliver its control frame") }.count == 2)
  }

  @Test func `the control frame counts once on each interface`() {
    let summary = Self.audit(Self.shown + [Self.shown[1], Self.frame(Self.packet, interface: 1)])
    #expect(summary.counts[.leak].frames == 1)
    // The second time, and once as seen on a port of the bridge.
    #expect(summary.counts[.allowed].frames == 2)
    #expect(summary.gaps.isEmpty)
  }

  @Test func `beyond the limit, only the latest control frames are recognized`() {
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "eth0", linkType: .linuxCooked2, role: .nic))]
    auditor.expect(ControlExpectation(source: Self.source, destination: Self.destination, interfaces: [0]))
    var last: [UInt8] = []
    for number in 0..<5000 {
      last = udpPacket("192.0.2.1:9", "192.0.2.2:9", Array("\(number)".utf8))
      auditor.expectControl(last, from: Self.mac, on: 0)
    }
    var list = FrameList([Self.frame(last)])
    var observer = NoObserver()
    _ = auditor.audit(&list, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    #expect(auditor.controlOutcomes.map(\.verdict?.verdictClass) == [.leak])
  }
}
