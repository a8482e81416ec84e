import TestSupport
import Testing
import Wire

@Suite struct ARPPacketTests {
  private static let request = arp(1, "192.168.1.10", "198.51.100.80", from: MACAddress(0x02_00_C0_A8_01_0A))

  private func read(_ bytes: [UInt8]) -> ARPPacket? { ARPPacket(bytes.rawSpan) }

  private func read(_ frame: SampleFrame) -> ARPPacket? { ARPPacket(frame.captured) }

  @Test func `reads the sender and target`() throws {
    let packet = try #require(read(Self.request))
    #expect(packet.operation == .request)
    #expect(packet.sender == address("192.168.1.10"))
    #expect(packet.target == address("198.51.100.80"))
    #expect("\(packet.senderMAC)" == "02:00:c0:a8:01:0a")
    #expect(!packet.isProbeOrAnnouncement)
  }

  @Test func `finds the packet after Ethernet, tags and cooked headers`() {
    let frames = [
      SampleFrame(ethernet(Self.request, .arp), .ethernet),
      SampleFrame(ethernet(vlan(7, .arp, Self.request), .vlan), .ethernet),
      SampleFrame(ethernet(vlan(7, .vlan, vlan(8, .arp, Self.request)), .serviceVLAN), .ethernet),
      SampleFrame(cooked(Self.request, .arp), .linuxCooked), SampleFrame(cooked2(Self.request, .arp), .linuxCooked2),
    ]
    for frame in frames { #expect(read(frame)?.target == address("198.51.100.80")) }
  }

  @Test func `reads nothing from any prefix of a frame`() {
    let whole = ethernet(vlan(7, .arp, Self.request), .vlan)
    for count in 0..<whole.count {
      #expect(read(SampleFrame(Array(whole.prefix(count)), .ethernet)) == nil, "\(count) bytes")
    }
    #expect(read(SampleFrame(whole, .ethernet)) != nil)
  }

  @Test func `reads nothing but ARP for IPv4`() {
    #expect(read(SampleFrame(ethernet(Self.request, .reverseARP), .ethernet)) == nil)
    #expect(read(SampleFrame(Self.request, .raw)) == nil)
    for position in [1, 3, 4, 5, 7] {
      var bytes = Self.request
      bytes[position] ^= 0x40
      #expect(read(bytes) == nil, "byte \(position)")
    }
  }

  @Test func `recognizes probes and announcements`() {
    #expect(read(arp(1, "0.0.0.0", "198.51.100.80"))?.isProbeOrAnnouncement == true)
    #expect(read(arp(1, "198.51.100.80", "198.51.100.80"))?.isProbeOrAnnouncement == true)
  }
}
