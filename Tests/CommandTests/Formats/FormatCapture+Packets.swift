import TestSupport
import Wire

/// One packet for each step of the verdict, and packets whose headers are cut, fragmented or padded.
extension FormatCapture {
  /// A packet and its expected verdict: a reason in `leaks`, or a class.
  struct Sample {
    var verdict: String
    var packet: [UInt8]
    /// How much of the frame was captured, if not all.
    var captured: Int?

    init(_ verdict: String, _ packet: [UInt8], captured: Int? = nil) {
      self.verdict = verdict
      self.packet = packet
      self.captured = captured
    }
  }

  static let classes = ["tunnel", "local", "allowed", "ingress"]

  private static func samples(_ name: String, _ samples: [Sample]) -> Self {
    let frames = samples.enumerated().map { index, sample in
      let isIPv6 = sample.packet.first.map { $0 >> 4 == 6 } ?? false
      // Each packet is independent: it is sent by a station that teaches nothing.
      let bytes = ethernet(sample.packet, isIPv6 ? .ipv6 : .ipv4, from: MACAddress(0))
      return SampleFrame(
        Array(bytes.prefix(sample.captured ?? bytes.count)), .ethernet, originalLength: bytes.count,
        time: StandardMix.time(index))
    }
    let leaks = samples.filter { !classes.contains($0.verdict) }
    func count(_ verdict: String) -> Int { samples.count { $0.verdict == verdict } }
    return Self(
      name, .ethernet, frames,
      Expectation(
        frames: samples.count, tunnel: count("tunnel"), local: count("local"), leak: leaks.count,
        ingress: count("ingress"), leaks: Dictionary(grouping: leaks, by: \.verdict).mapValues(\.count)))
  }

  static let packets: [Self] = [
    samples("packets-verdicts", verdicts), samples("packets-fragments-ipv4", fragments("172.18.0.2", v6: false)),
    samples("packets-fragments-ipv6", fragments("[fd00:18::2]", v6: true)),
    samples("packets-ipv6-extensions", extensions), samples("packets-offload", offload),
    samples("packets-padding", padding), samples("packets-snap-length", cut),
  ]

  static let stack = "172.18.0.2"
  static let server = "203.0.113.178"
  static let resolver = "198.51.100.53"

  /// CONTRACT 2, in its order.
  private static let verdicts: [Sample] = [
    Sample("tunnel", udpPacket("\(stack):51820", "\(server):51820", WireGuardSample.initiation)),
    Sample("tunnel", udpPacket("\(stack):51820", "\(server):51820", WireGuardSample.cookie)),
    Sample("tunnel", udpPacket("\(stack):51820", "\(server):51820", WireGuardSample.keepalive)),
    Sample("not-wireguard", udpPacket("\(stack):51820", "\(server):51820", filler(148))),
    Sample("not-wireguard", udpPacket("\(stack):51820", "\(server):51820", wireGuard(1, length: 147))),
    Sample("not-wireguard", udpPacket("\(stack):51820", "\(server):51820", wireGuard(4, length: 31))),
    Sample("not-wireguard", udpPacket("\(stack):51820", "\(server):51820", wireGuard(5, length: 64))),
    Sample("endpoint-bypass", udpPacket("\(stack):40000", "\(server):53", dnsQuery("example.org"))),
    Sample("endpoint-bypass", tcpPacket("\(stack):40000", "\(server):51820", flags: 0x02)),
    Sample("endpoint-bypass", icmpPacket(stack, server, icmpEcho(8, identifier: 1))),
    Sample("tunnel-address", tcpPacket("10.64.114.74:40000", "198.51.100.80:80", flags: 0x02)),
    Sample("tunnel-address", udpPacket("10.64.114.74:40000", "192.168.1.1:53", dnsQuery("example.org"))),
    Sample("local", udpPacket("\(stack):40000", "127.0.0.1:53", dnsQuery("example.org"))),
    Sample("dns", udpPacket("\(stack):40000", "192.168.1.1:53", dnsQuery("example.org"))),
    Sample("dns", udpPacket("\(stack):40000", "10.64.0.1:53", dnsQuery("example.org"))),
    Sample("dns", tcpPacket("\(stack):40000", "\(resolver):53", flags: 0x02)),
    Sample("dot", tcpPacket("\(stack):40000", "\(resolver):853", flags: 0x02)),
    Sample("doq", udpPacket("\(stack):40000", "192.168.1.1:853", filler(40))),
    Sample("tunnel-destination", tcpPacket("\(stack):40000", "10.64.0.1:80", flags: 0x02)),
    Sample("tunnel-destination", icmpPacket(stack, "10.64.0.1", icmpEcho(8, identifier: 1))),
    Sample("local", tcpPacket("\(stack):40000", "10.64.0.2:80", flags: 0x02)),
    Sample("local", udpPacket("\(stack):40000", "169.254.1.1:9", filler(4))),
    Sample("local", udpPacket("\(stack):5353", "224.0.0.251:5353", filler(12))),
    Sample("local", udpPacket("\(stack):1900", "239.255.255.250:1900", filler(12))),
    Sample("local", udpPacket("0.0.0.0:68", "255.255.255.255:67", filler(40))),
    Sample("local", udpPacket("[fe80::2]:5353", "[ff02::fb]:5353", filler(12))),
    Sample("local", udpPacket("[fe80::2]:9", "[ff12::1]:9", filler(4))),
    Sample("multicast", udpPacket("[fe80::2]:9", "[ff1e::1]:9", filler(4))),
    Sample("multicast", udpPacket("\(stack):9", "233.252.0.1:9", filler(4))),
    Sample("other", udpPacket("\(stack):40000", "0.0.0.0:9", filler(4))),
    Sample("other", udpPacket("\(stack):40000", "100.64.0.1:40001", filler(4))),
    Sample("ntp", udpPacket("\(stack):123", "198.51.100.123:123", [0x23] + filler(47, 0))),
    Sample("ingress", udpPacket("\(server):51820", "\(stack):51820", WireGuardSample.response)),
    Sample("ingress", tcpPacket("198.51.100.80:80", "\(stack):40000", flags: 0x12)),
  ]
}
