import TestSupport
import Testing
import Wire

/// The packets of a rule's two captures: what it must match, and similar packets that it must not match.
///
/// Captures may also be recorded: then there is no entry here. Each packet is sent from the container to a public
/// address, in IPv4 and in IPv6, unless stated otherwise.
struct RuleCapture: Sendable, CustomTestStringConvertible {
  typealias Packet = @Sendable (Family) -> [UInt8]?

  var rule: String
  var named: [Packet]
  var notNamed: [Packet]

  init(_ rule: String, yes named: [Packet], no notNamed: [Packet]) {
    self.rule = rule
    self.named = named
    self.notNamed = notNamed
  }

  var testDescription: String { rule }

  /// Name and content of both files.
  var files: [(path: String, bytes: [UInt8])] {
    [(named, "yes"), (notNamed, "no")].map { packets, ending in
      ("captures/rules/\(rule).\(ending).pcap", Self.file(packets))
    }
  }

  private static func file(_ packets: [Packet]) -> [UInt8] {
    var frames: [SampleFrame] = []
    for packet in packets {
      for family in Family.allCases {
        guard let bytes = packet(family) else { continue }
        let frame = ethernet(
          numbered(bytes, family, frames.count), family == .ipv4 ? .ipv4 : .ipv6, from: StandardMix.stackMAC,
          to: StandardMix.routerMAC)
        frames.append(SampleFrame(frame, .ethernet, time: StandardMix.time(frames.count)))
      }
    }
    return PcapFile(linkType: .ethernet).bytes(frames)
  }

  /// The client's port differs for each packet; else they would look like one connection that repeats itself.
  private static func numbered(_ packet: [UInt8], _ family: Family, _ number: Int) -> [UInt8] {
    let (start, next) = family == .ipv4 ? (20, packet[9]) : (40, packet[6])
    guard next == 6 || next == 17, Array(packet[start..<start + 2]) == bigEndian(clientPort) else { return packet }
    var packet = packet
    packet.replaceSubrange(start..<start + 2, with: bigEndian(clientPort + UInt16(number)))
    let place = start + (next == 6 ? 16 : 6)
    // RFC 1624, equation 3, for a field that grew.
    let sum = UInt32(~(UInt16(packet[place]) << 8 | UInt16(packet[place + 1]))) + UInt32(number)
    packet.replaceSubrange(place..<place + 2, with: bigEndian(~UInt16((sum & 0xFFFF) + sum >> 16)))
    return packet
  }

  static let clientPort: UInt16 = 40_000

  static let all = control + web + resolvers + peers + tunnels + services
}

/// Where a packet comes from and goes to, in each family.
enum Family: CaseIterable, Sendable {
  case ipv4, ipv6

  var stack: String { self == .ipv4 ? "172.18.0.2" : "fd00:18::2" }
  var server: String { self == .ipv4 ? "198.51.100.80" : "2001:db8:80::80" }

  func endpoint(_ address: String, _ port: UInt16) -> String {
    self == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}

extension RuleCapture {
  /// A datagram to a port, from a port that means nothing.
  static func datagram(_ port: UInt16, _ payload: [UInt8], from source: UInt16 = clientPort) -> Packet {
    { udpPacket($0.endpoint($0.stack, source), $0.endpoint($0.server, port), payload) }
  }

  /// A segment to a port; without content the first of a connection.
  static func segment(
    _ port: UInt16, _ payload: [UInt8] = [], flags: UInt8? = nil, from source: UInt16 = clientPort
  ) -> Packet {
    let flags = flags ?? (payload.isEmpty ? 0x02 : 0x18)
    return { tcpPacket($0.endpoint($0.stack, source), $0.endpoint($0.server, port), payload, flags: flags) }
  }

  static func segment(_ port: UInt16, _ text: String) -> Packet { segment(port, Array(text.utf8)) }
  static func datagram(_ port: UInt16, _ text: String) -> Packet { datagram(port, Array(text.utf8)) }

  /// Any protocol above IP.
  static func carrying(_ number: IPProtocol, _ payload: [UInt8]) -> Packet {
    { ip(from: address($0.stack), to: address($0.server), number, payload) }
  }

  /// One family only, by whole addresses.
  static func ipv4(_ packet: @escaping @Sendable () -> [UInt8]) -> Packet { { $0 == .ipv4 ? packet() : nil } }
  static func ipv6(_ packet: @escaping @Sendable () -> [UInt8]) -> Packet { { $0 == .ipv6 ? packet() : nil } }

  /// To an address in each family.
  static func datagram(
    to ipv4: String, _ ipv6: String, _ port: UInt16, _ payload: [UInt8], from source: UInt16 = clientPort
  ) -> Packet {
    { family in
      let destination = family == .ipv4 ? ipv4 : ipv6
      return udpPacket(family.endpoint(family.stack, source), family.endpoint(destination, port), payload)
    }
  }

  static func segment(to ipv4: String, _ ipv6: String, _ port: UInt16, _ payload: [UInt8] = []) -> Packet {
    { family in
      let destination = family == .ipv4 ? ipv4 : ipv6
      return tcpPacket(
        family.endpoint(family.stack, clientPort), family.endpoint(destination, port), payload,
        flags: payload.isEmpty ? 0x02 : 0x18)
    }
  }

  static func message(_ ipv4: [UInt8], _ ipv6: [UInt8]) -> Packet {
    { icmpPacket($0.stack, $0.server, $0 == .ipv4 ? ipv4 : ipv6) }
  }
}
