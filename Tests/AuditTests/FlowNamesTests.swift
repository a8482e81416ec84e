import Audit
import PacketFilter
import Policy
import TestSupport
import Testing
import Wire

/// A flow keeps the name of its first packet if later packets do not show it.
@Suite struct FlowNamesTests {
  private static let client = "\(Sample.container):40000"
  private static let server = "203.0.113.7:443"

  /// The flow's rule stands between an earlier and a later one.
  private static func rules() throws -> LabelRules {
    func rule(_ id: String, _ label: LeakReason, _ filter: String, namesFlow: Bool = false) throws -> LabelRule {
      LabelRule(
        id: id, label: label, severity: .medium, title: id, why: "", reference: "", filter: try PacketFilter(filter),
        namesFlow: namesFlow, origin: "test")
    }
    return LabelRules([
      try rule("before", .stun, "udp[8] = 0x10 or tcp[20] = 0x10"),
      try rule("begins", .openvpn, "udp[8] = 0x38 or tcp[20] = 0x38", namesFlow: true),
      try rule("behind", .quic, "udp[8] = 0x48"),
    ])
  }

  private func verdicts(_ frames: [SampleFrame]) throws -> [String] {
    let rules = try Self.rules()
    return audit(frames, policy { $0.labelRules = rules }).map { String($0.dropFirst("leak ".count)) }
  }

  private func datagram(_ first: UInt8, from client: String = client) -> SampleFrame {
    SampleFrame(udpPacket(client, Self.server, [first] + filler(40)))
  }

  private func segment(_ payload: [UInt8], flags: UInt8 = 0x18) -> SampleFrame {
    SampleFrame(tcpPacket(Self.client, Self.server, payload, flags: flags))
  }

  @Test func `names later packets of the flow, unless an earlier rule does`() throws {
    #expect(
      try verdicts([0x48, 0x38, 0x48, 0x30, 0x10, 0x30].map { datagram($0) })
        == ["quic", "openvpn", "openvpn", "openvpn", "stun", "openvpn"])
  }

  @Test func `names no other flow`() throws {
    let other = [datagram(0x38), datagram(0x48, from: "\(Sample.container):40001")]
    #expect(try verdicts(other) == ["openvpn", "quic"])
    #expect(try verdicts([datagram(0x38), segment([0x30])]) == ["openvpn", "other"])
    let back = SampleFrame(udpPacket(Self.client, "203.0.113.8:443", [0x48] + filler(40)))
    #expect(try verdicts([datagram(0x38), back]) == ["openvpn", "quic"])
  }

  @Test func `ends with the connection, and with a long silence`() throws {
    let begin = segment([0x38] + filler(20))
    #expect(
      try verdicts([begin, segment([0x30]), segment([], flags: 0x02), segment([0x30])])
        == ["openvpn", "openvpn", "other", "other"])
    #expect(
      try verdicts([datagram(0x38), datagram(0x48).after(seconds: 299), datagram(0x48).after(seconds: 599)])
        == ["openvpn", "openvpn", "openvpn"])
    #expect(
      try verdicts([datagram(0x38), datagram(0x48).after(seconds: 301), datagram(0x48).after(seconds: 302)])
        == ["openvpn", "quic", "quic"])
  }

  @Test func `remembers the latest 256 flows`() throws {
    let flood = (0..<256).map { datagram(0x38, from: "\(Sample.container):\(41_000 + $0)") }
    #expect(try verdicts([datagram(0x38)] + flood.dropLast() + [datagram(0x48)]).last == "openvpn")
    #expect(try verdicts([datagram(0x38)] + flood + [datagram(0x48)]).last == "quic")
  }
}
