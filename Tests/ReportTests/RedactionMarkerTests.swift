import Audit
import Foundation
import Policy
import Savefile
import TestSupport
import Testing
import Wire

@testable import Report

/// Evidence can be posted: what somebody put into any field of a frame is in nothing that is shown, in whatever form.
@Suite struct RedactionMarkerTests {
  private static let key = Array("a key of the tests".utf8)
  private static let marker = Array("Zq7xW3vK".utf8)
  private static let mac = MACAddress(0x02_9A_7E_C4_51_B6)

  /// EUI-64 of the station's address (RFC 4291 appendix A).
  private static let ownID = "9a:7eff:fec4:51b6"

  /// The marker at each place where something looks for it: as it is, hexadecimal, base64, backwards, and shifted by bits.
  private static func forms(_ bytes: [UInt8]) -> [[UInt8]] {
    let digits: String = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    var forms: [[UInt8]] = [bytes, Array(bytes.reversed()), Array(digits.utf8), Array(digits.uppercased().utf8)]
    for start in 0..<3 {
      let text = Data(bytes.dropFirst(start).prefix(6)).base64EncodedString()
      forms.append(Array(text.utf8))
    }
    for shift in UInt8(1)..<8 {
      forms.append((1..<bytes.count).map { index in bytes[index - 1] << shift | bytes[index] >> (8 - shift) })
    }
    return forms
  }

  private static func packet(_ payload: [UInt8], to port: UInt16) -> [UInt8] {
    udpPacket("172.18.0.2:40000", "198.51.100.7:\(port)", payload)
  }

  private static func tcpWith(options: [UInt8]) -> [UInt8] {
    let segment = tcp(4000, 443, flags: 0x02, dataOffset: 20 + options.count)
    return ipv4(from: address("172.18.0.2"), to: address("198.51.100.7"), .tcp, Array(segment.prefix(20)) + options)
  }

  /// Frames with the marker, or an address that must not be shown, in a field of each kind.
  private static var packets: [[UInt8]] {
    let m = marker
    let snmp: [UInt8] = [0x30, 40, 2, 1, 1, 4, 8] + m + filler(30)
    let stun: [UInt8] = [0, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42] + m + filler(4) + [0x80, 0x22, 0, 8] + m
    let own = octets(address("198.51.100.201"))
    let payloads: [[UInt8]] = [m, snmp, stun, [0, 1] + m + [0], [5, 1, 0, 3, 8] + m, m + m + m + m + m]
    let ports: [UInt16] = [69, 161, 53, 123, 443, 1080, 4789, 3478, 51820, 9]
    var list: [[UInt8]] = payloads.flatMap { payload in ports.map { packet(payload, to: $0) } }
    list += [0, 1, 2, 3, 4].map { type in packet([type, 0, 0, 0] + m + filler(136), to: 51820) }
    list += [0, 1, 2, 3, 4].map { type in packet([type] + m + filler(139), to: 51820) }
    // A VXLAN frame inside, with its station.
    list.append(packet([8, 0, 0, 0, 0, 0, 1, 0] + ethernet(packet(m, to: 9), from: mac), to: 4789))
    list += [
      tcpWith(options: [30, 8, 0x31, 1] + own), tcpWith(options: [254, 10] + m + [1, 1]),
      tcpWith(options: [8, 10] + m + [0, 0]),
    ]
    list += [
      tcpPacket("172.18.0.2:1", "198.51.100.7:21", Array("USER ".utf8) + m),
      tcpPacket("172.18.0.2:1", "198.51.100.7:80", m),
    ]
    list += [0, 3, 5, 8, 13, 17, 42, 200].map { type in
      icmpPacket("172.18.0.2", "198.51.100.7", icmp(type, rest: 0xC633_64C9, m))
    }
    list += [icmpPacket("[fe80::\(ownID)]".filter { $0 != "[" && $0 != "]" }, "2001:db8::9", icmp(135, rest: 0, m + m))]
    list += [
      udpPacket("[fd00::\(ownID)]:1", "[ff02::1:ffc4:51b6]:2", m),
      udpPacket("[fe80::\(ownID)]:1", "[2001:db8:7::\(ownID)]:2", m),
    ]
    list.append(ip(from: address("172.18.0.2"), to: address("198.51.100.7"), IPProtocol(rawValue: 99), m + m))
    list.append(
      ip(from: address("172.18.0.2"), to: address("198.51.100.7"), .authentication, authenticationHeader(.udp) + m))
    return list
  }

  private static func shown(_ bytes: [UInt8], _ redactor: Redactor, _ linkType: LinkType = .ethernet) -> [UInt8] {
    var record = EvidenceRecord.sample(0)
    record.bytes = bytes
    record.linkType = linkType
    return record.redacted(redactor).bytes
  }

  @Test func `nothing of what was put into a frame is in what is shown of it`() {
    let redactor = Redactor(key: Self.key, policy: TunnelPolicy())
    let secrets =
      Self.forms(Self.marker).map { Array($0.prefix(5)) } + [
        Array(octets(Self.mac)[3...]), octets(address("198.51.100.201")), octets(address("198.51.100.7")),
      ]
    for packet in Self.packets {
      let type: EtherType = packet[0] >> 4 == 6 ? .ipv6 : .ipv4
      for (bytes, link) in [
        (ethernet(packet, type, from: Self.mac, to: Self.mac), LinkType.ethernet),
        (cooked(packet, type, from: Self.mac), .linuxCooked),
        (cooked2(packet, type, from: Self.mac), .linuxCooked2), (packet, .raw),
      ] {
        let shown = Self.shown(bytes, redactor, link)
        for secret in secrets { #expect(shown.firstRange(of: secret) == nil, "\(secret) of \(packet) in \(shown)") }
      }
    }
  }

  @Test func `a link type that nobody has described yet shows nothing`() {
    let redactor = Redactor(key: Self.key, policy: TunnelPolicy())
    for number in UInt16(0)...300 where !LinkType(rawValue: number).isSupported {
      #expect(Self.shown(octets(Self.mac) + octets(Self.mac) + filler(60), redactor, LinkType(rawValue: number)) == [])
    }
  }

  @Test func `names and hardware addresses are in no text, whatever they look like`() {
    var redactor = Redactor(key: Self.key, policy: TunnelPolicy())
    redactor.add(names: ["printer"])
    for text in [
      "for secret-name.sh, and", "secret-name.md A", "secret-name.zip", "fe80::\(Self.ownID)", "printer",
      "[2001:db8:7::\(Self.ownID)]:53", "ff02::1:ffc4:51b6", "02:9a:7e:c4:51:b6",
    ] {
      let shown = redactor.scrub(text)
      for secret in ["secret", "51b6", "7eff", "printer"] { #expect(!shown.contains(secret), "\(shown)") }
    }
    #expect(redactor.detail(LeakDetail(.software, "joao's pc")).text.contains("joao") == false)
    var notice = AuditSummary.Notice(.dockerDNSViaHost, "DNS: the host asked on eth0 for nas, and")
    notice.names = ["nas"]
    #expect(!Redactor(key: Self.key, policy: TunnelPolicy()).notice(notice).text.contains("nas"))
  }
}
