import Audit
import Foundation
import Policy
import Summaries
import TestSupport
import Testing
import Wire

/// Values in JSON: each text stands for one value, and each value has one text.
@Suite struct TextCodedTests {
  private static func comesBack<Value: TextCoded & Equatable>(_ value: Value) -> Bool {
    Value(coded: value.coded) == value
  }

  @Test func `every number of a registry comes back`() throws {
    #expect((0...UInt8.max).allSatisfy { Self.comesBack(IPProtocol(rawValue: $0)) })
    #expect((0...UInt16.max).allSatisfy { Self.comesBack(LinkType(rawValue: $0)) })
    #expect(Set((0...UInt8.max).map { IPProtocol(rawValue: $0).coded }).count == 256)
    #expect(VerdictClass.allCases.allSatisfy(Self.comesBack))
    #expect(LocalKind.allCases.allSatisfy { Self.comesBack(LocalSpace($0)) })
    let sent = Dictionary(uniqueKeysWithValues: TunnelKind.allCases.map { ($0, 1) })
    #expect(try JSONDecoder().decode([TunnelKind: Int].self, from: JSONEncoder().encode(sent)) == sent)
  }

  @Test func `random addresses, prefixes and endpoints come back`() throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for _ in 0..<2000 {
      let address =
        Bool.random(using: &random)
        ? IPAddress(v4: .random(in: .min ... .max, using: &random))
        : IPAddress(v6High: .random(in: .min ... .max, using: &random), low: .random(in: .min ... .max, using: &random))
      let endpoint = Endpoint(address: address, port: .random(in: .min ... .max, using: &random))
      let length = Int.random(in: 0...(address.isIPv4 ? 32 : 128), using: &random)
      let prefix = IPPrefix(address.masked(length), length: length)
      let station = MACAddress(.random(in: 0..<1 << 48, using: &random))
      #expect(Self.comesBack(EndpointName(endpoint, over: .udp)) && Self.comesBack(EndpointName(endpoint, over: .tcp)))
      #expect(Self.comesBack(UndeclaredSpace.prefix(prefix)))
      #expect(Self.comesBack(PolicyDocument.AuditedSide.ip(prefix)))
      #expect(Self.comesBack(PolicyDocument.AuditedSide.station(station)))
      #expect(Self.comesBack(PolicyDocument.HostAddress.ip(address)))
      #expect(Self.comesBack(PolicyDocument.HostAddress.station(station)))
    }
  }

  @Test func `a container named host is distinct from the host`() {
    let called: [Summary.Owner] = [
      .host, .bridge, .containers(["host"]), .containers(["bridge"]), .containers(["host", "bridge"]),
      .containers(["wireguard", "qbittorrent"]), .containers([]), .containers(["", "a"]),
    ]
    #expect(called.allSatisfy(Self.comesBack))
    #expect(Set(called.map(\.coded)).count == called.count)
  }

  @Test func `names may hold spaces, and ports what compose files allow`() {
    #expect(Summary.Question(coded: "my printer PTR") == .init(name: "my printer", type: "PTR"))
    #expect(Summary.Question(coded: "example.org") == nil && Summary.Question(coded: "a 192.0.2.1") == nil)
    for (published, target) in [("", "80"), ("192.0.2.1:8080", "80"), ("[2001:db8::1]:5000-5010", "5000-5010")] {
      #expect(Self.comesBack(PublishedPort(published: published, target: target, transport: "udp")))
    }
  }

  /// An edited summary must write values as the program does, or is refused.
  @Test(arguments: [
    "[203.0.113.9]:51820", "203.0.113.9]:51820", "203.0.113.9:+51820", "203.0.113.9:051820", "203.0.113.9:51820/udp",
    "2001:db8::1:51820", "203.0.113.9", "",
  ])
  func `an Endpoint in another form is refused`(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([EndpointName].self, from: JSONEncoder().encode([text]))
    }
  }

  @Test func `the first and the last moment come back`() {
    for moment in [Timestamp.distantPast, Timestamp(nanoseconds: -1000), Timestamp(nanoseconds: 0)] {
      #expect(Self.comesBack(moment))
    }
    #expect(Timestamp(coded: "9999-12-31T23:59:59.000000Z") == .distantFuture)
    #expect(Timestamp(coded: "2026-11-28T19:36:02Z") == nil)
  }
}
