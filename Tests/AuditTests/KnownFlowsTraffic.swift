import Policy
import TestSupport
import Wire

/// Traffic of a stack on its bridge (interface 0) and behind NAT (interface 1), in runs of a few dozen flows: known
/// flows, and now and then a packet that differs in something.
struct KnownFlowsTraffic {
  private struct Talk {
    var from: String
    var to: String
    var isTCP: Bool
    var isTunnel = false
    var link: Int
    var station: Int
    var identification: UInt16 = 0
    var sequence: UInt32 = 1
  }

  private var random: SeededGenerator
  private var talks: [Talk] = []
  private var current = 0
  private var counter: UInt64 = 0
  private var time: Int64 = 1_700_000_000_000_000_000
  /// Packets on the bridge that will be seen on the NIC.
  private var waiting: [SampleFrame] = []

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    let near = ["172.18.0.2", "172.18.0.3", "[fd00:18::2]", "203.0.113.9"]
    let far = [
      "198.51.100.7", "192.0.2.44", "172.18.0.9", "192.168.1.7", "[2001:db8:7::1]", "[fd00:18::9]", "239.1.2.3",
      "89.44.10.178", "10.66.5.6",
    ]
    let ports = [443, 80, 53, 853, 6881, 1194, 22, 9999, 123, 51820]
    for number in 0..<28 {
      let source = pick(near)
      var destination = pick(far.filter { $0.hasPrefix("[") == source.hasPrefix("[") })
      var talk = Talk(
        from: "\(source):\(40_000 + number % 5)", to: "\(destination):\(pick(ports))",
        isTCP: Bool.random(using: &random),
        link: number % 7, station: number % 3)
      if number % 5 == 0 {
        destination = source.hasPrefix("[") ? Sample.endpoint6 : Sample.endpoint
        talk.to = destination
        talk.isTCP = false
        talk.isTunnel = true
      }
      if number % 4 == 1 { swap(&talk.from, &talk.to) }
      talks.append(talk)
    }
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &random)]
  }

  private mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

  mutating func frames(_ count: Int) -> [SampleFrame] {
    (0..<count).map { _ in
      if let frame = waiting.first, isOne(in: 2) {
        waiting.removeFirst()
        return stamped(frame)
      }
      return stamped(next())
    }
  }

  private mutating func stamped(_ frame: SampleFrame) -> SampleFrame {
    time += isOne(in: 200) ? 1_300_000_000 : Int64.random(in: 0..<4000, using: &random)
    var frame = frame
    frame.time = Timestamp(nanoseconds: time - (isOne(in: 10) ? 3000 : 0))
    return frame
  }

  private mutating func next() -> SampleFrame {
    if isOne(in: 6) { current = Int.random(in: 0..<talks.count, using: &random) }
    var talk = talks[current]
    talks[current].identification &+= 1
    let payload = talk.isTunnel && !isOne(in: 9) ? tunnelMessage() : anyPayload()
    talks[current].sequence &+= UInt32(payload.count)
    if isOne(in: 40) { talk.station += 1 }
    if isOne(in: 40) { talk.link += 1 }
    let frame = framed(packet(talk, payload), talk, isIPv6: talk.from.hasPrefix("["))
    if isOne(in: 2), !talk.from.hasPrefix("[") {
      // Behind NAT the source is the host's, and now and then its port changes.
      var outside = talk
      let port = isOne(in: 8) ? "61001" : String(talk.from.split(separator: ":").last ?? "1")
      outside.from = "192.168.1.10:\(port)"
      outside.link = 0
      outside.station = 7
      var copy = framed(packet(outside, payload), outside, isIPv6: false)
      copy.interface = 1
      waiting.append(copy)
    }
    return frame
  }

  private mutating func packet(_ talk: Talk, _ payload: [UInt8]) -> [UInt8] {
    var bytes =
      talk.isTCP
      ? tcpPacket(
        talk.from, talk.to, payload, flags: isOne(in: 9) ? pick([0x02, 0x12, 0x10, 0x11, 0x14, 0x00]) : 0x18,
        sequence: isOne(in: 12) ? UInt32.random(in: .min ... .max, using: &random) : talk.sequence)
      : udpPacket(talk.from, talk.to, payload)
    if bytes[0] == 0x45 { bytes.replaceSubrange(4..<6, with: bigEndian(talk.identification)) }
    if isOne(in: 20) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
    }
    if isOne(in: 20), bytes[0] == 0x45 { bytes[6 + Int.random(in: 0..<2, using: &random)] = pick([0x20, 0x40, 5]) }
    if isOne(in: 30) { bytes.removeLast(Int.random(in: 0..<min(bytes.count, 50), using: &random)) }
    if isOne(in: 30) { bytes += filler(6) }
    return bytes
  }

  private mutating func framed(_ packet: [UInt8], _ talk: Talk, isIPv6: Bool) -> SampleFrame {
    let type: EtherType = isIPv6 ? .ipv6 : .ipv4
    let from = MACAddress(0x0200_0000_0010 + UInt64(talk.station))
    let to = MACAddress(0x0200_0000_0020 + UInt64(isOne(in: 60) ? 1 : 0))
    var frame =
      switch talk.link % 7 {
      case 5: SampleFrame(ethernet(vlan(7, type, packet), .vlan, from: from, to: to), .ethernet)
      case 6: SampleFrame(cooked2(packet, type, packetType: isOne(in: 4) ? 4 : 0, from: from), .linuxCooked2)
      default: SampleFrame(ethernet(packet, type, from: from, to: to), .ethernet)
      }
    frame.direction = isOne(in: 3) ? .unknown : .incoming
    if isOne(in: 50) { frame.originalLength = frame.bytes.count + 100 }
    return frame
  }

  private mutating func tunnelMessage() -> [UInt8] {
    // Mostly in order, sometimes twice, ahead, or of another session.
    counter &+= pick([1, 1, 1, 1, 1, 1, 1, 0, 3, 80])
    let late = isOne(in: 20) ? UInt64.random(in: 0..<70, using: &random) : 0
    let data = wireGuardData(
      receiver: isOne(in: 20) ? 7 : 1, counter: counter &- late, length: pick([32, 32, 96, 128, 1400]))
    return isOne(in: 30) ? pick([WireGuardSample.initiation, WireGuardSample.response, WireGuardSample.cookie]) : data
  }

  private mutating func anyPayload() -> [UInt8] {
    switch Int.random(in: 0..<24, using: &random) {
    case 0: return []
    case 1: return tlsRecords(clientHello(pick(["dns.google", "example.org", "one.one.one.one"])))
    case 2: return Array("GET /announce?info_hash=%01 HTTP/1.1\r\nHost: tracker.example\r\n\r\n".utf8)
    case 3: return dnsQuery(pick(["a.example", "b.example", "leak.test"]))
    case 4: return [0x13] + Array("BitTorrent protocol".utf8) + filler(48)
    case 5: return [0x38] + filler(80)
    case 6: return [0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xA4, 0x42] + filler(12)
    case 7: return [0xC3, 0, 0, 0, 1, 8] + filler(1200)
    case 8: return WireGuardSample.data
    case 9: return filler(1, UInt8.random(in: .min ... .max, using: &random))
    case 10: return Array("d1:ad2:id20:".utf8) + filler(40)
    case 11: return [0x21, 0x00] + filler(30)
    default:
      return (0..<Int.random(in: 1..<120, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
  }
}
