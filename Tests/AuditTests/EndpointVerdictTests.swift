import Audit
import Policy
import TestSupport
import Testing
import Wire

/// CONTRACT 2, steps 1 to 3: Endpoints, their wire format, and WireGuard servers.
@Suite struct EndpointVerdictTests {
  private let from = "172.18.0.2:40000"

  private func toEndpoint(_ payload: [UInt8], _ policy: TunnelPolicy = policy()) -> String {
    let four = verdict(udpPacket(from, Sample.endpoint, payload), policy)
    #expect(verdict(udpPacket("[fd00:18::2]:40000", Sample.endpoint6, payload), policy) == four)
    return four
  }

  @Test(arguments: [
    (1, 148, "tunnel initiation"), (2, 92, "tunnel response"), (3, 64, "tunnel cookie"), (4, 32, "tunnel keepalive"),
    (4, 33, "tunnel data"), (4, 1452, "tunnel data"), (4, 148, "tunnel data"), (4, 60_000, "tunnel data"),
    (1, 147, "leak not-wireguard"), (1, 149, "leak not-wireguard"), (2, 91, "leak not-wireguard"),
    (2, 93, "leak not-wireguard"), (3, 63, "leak not-wireguard"), (3, 65, "leak not-wireguard"),
    (4, 31, "leak not-wireguard"), (0, 148, "leak not-wireguard"), (5, 148, "leak not-wireguard"),
    (1, 0, "leak not-wireguard"), (1, 3, "leak not-wireguard"),
  ])
  func `WireGuard's shape to the Endpoint's port is tunnel`(type: UInt8, length: Int, expected: String) {
    #expect(toEndpoint(wireGuard(type, length: length)) == expected)
  }

  @Test(arguments: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] as [[UInt8]])
  func `requires three zero bytes`(reserved: [UInt8]) {
    let payload = wireGuard(4, length: 64, reserved: reserved)
    #expect(toEndpoint(payload) == "leak not-wireguard")
    let wide = policy {
      $0.endpoints = $0.endpoints.map { stated(TunnelEndpoint($0.value.endpoint, shape: .anyReserved)) }
    }
    #expect(toEndpoint(payload, wide) == "tunnel data")
    #expect(toEndpoint(wireGuard(1, length: 147, reserved: reserved), wide) == "leak not-wireguard")
    #expect(toEndpoint(wireGuard(9, length: 147, reserved: reserved), wide) == "leak not-wireguard")
  }

  @Test func `with shape any, every shape counts, but only to the port`() {
    let wide = policy { $0.endpoints = $0.endpoints.map { stated(TunnelEndpoint($0.value.endpoint, shape: .any)) } }
    for payload in [[], filler(5), dnsQuery("a.example"), WireGuardSample.data] {
      #expect(toEndpoint(payload, wide) == "tunnel unchecked")
    }
    #expect(verdict(udpPacket(from, "89.44.10.178:51821", filler(5)), wide) == "leak endpoint-bypass")
    #expect(verdict(tcpPacket(from, Sample.endpoint), wide) == "leak endpoint-bypass")
    let cut = udpPacket(from, Sample.endpoint, filler(100))
    #expect(verdict(Array(cut.prefix(24)), wide, original: cut.count) == "tunnel unchecked")
    #expect(verdict(Array(cut.prefix(23)), wide, original: cut.count) == "leak undecodable")
  }

  @Test func `each of several ports at one address has its own shape`() {
    let two = policy {
      $0.endpoints = [
        stated(TunnelEndpoint(endpoint("192.0.2.1:53"), shape: .wireGuard)),
        stated(TunnelEndpoint(endpoint("192.0.2.1:123"), shape: .any)),
      ]
    }
    #expect(verdict(udpPacket(from, "192.0.2.1:53", filler(40)), two) == "leak not-wireguard")
    #expect(verdict(udpPacket(from, "192.0.2.1:53", WireGuardSample.data), two) == "tunnel data")
    #expect(verdict(udpPacket(from, "192.0.2.1:123", filler(40)), two) == "tunnel unchecked")
    #expect(verdict(udpPacket(from, "192.0.2.1:443", WireGuardSample.data), two) == "leak endpoint-bypass")
  }

  @Test func `tests the grammar before any port heuristic`() {
    for port in [53, 123, 443, 853] {
      let there = policy { $0.endpoints = [stated(TunnelEndpoint(endpoint("192.0.2.1:\(port)")))] }
      #expect(verdict(udpPacket(from, "192.0.2.1:\(port)", WireGuardSample.initiation), there) == "tunnel initiation")
      #expect(verdict(udpPacket(from, "192.0.2.1:\(port)", dnsQuery("a.example")), there) == "leak not-wireguard")
      #expect(verdict(tcpPacket(from, "192.0.2.1:\(port)"), there) == "leak endpoint-bypass")
    }
  }

  @Test func `everything else to an Endpoint's address is endpoint-bypass`() {
    #expect(verdict(udpPacket(from, "89.44.10.178:53", dnsQuery("a.example"))) == "leak endpoint-bypass")
    #expect(verdict(udpPacket(from, "89.44.10.178:51821", WireGuardSample.data)) == "leak endpoint-bypass")
    #expect(verdict(tcpPacket(from, Sample.endpoint)) == "leak endpoint-bypass")
    #expect(verdict(icmpPacket("172.18.0.2", "89.44.10.178", icmpEcho(8, identifier: 1))) == "leak endpoint-bypass")
    let esp = ip(from: address("172.18.0.2"), to: address("89.44.10.178"), .esp, filler(40))
    #expect(verdict(esp) == "leak endpoint-bypass")
    let checked = ip(
      from: address("172.18.0.2"), to: address("89.44.10.178"), .authentication,
      authenticationHeader(.udp) + udp(1, 51820, WireGuardSample.data))
    #expect(verdict(checked) == "tunnel data")
  }

  @Test func `the Endpoint step comes first`() {
    let confused = policy {
      $0.endpoints = ["192.168.1.9:53", "127.0.0.1:51820", "10.64.0.1:51820"].map {
        stated(TunnelEndpoint(endpoint($0)))
      }
      $0.resolvers = [stated(address("192.168.1.9"))]
      $0.allowRules = [allow("ip")]
      $0.local = [stated(prefix("0.0.0.0/0"))]
    }
    for source in [from, "\(Sample.tunnelAddress):1"] {
      #expect(verdict(udpPacket(source, "192.168.1.9:53", dnsQuery("a.example")), confused) == "leak not-wireguard")
      #expect(verdict(udpPacket(source, "192.168.1.9:5353"), confused) == "leak endpoint-bypass")
      #expect(verdict(tcpPacket(source, "127.0.0.1:80"), confused) == "leak endpoint-bypass")
      #expect(verdict(udpPacket(source, "127.0.0.1:51820", WireGuardSample.data), confused) == "tunnel data")
      #expect(verdict(tcpPacket(source, "10.64.0.1:53"), confused) == "leak endpoint-bypass")
    }
  }

  // Step 1: cut and malformed headers.

  @Test func `cannot decide a datagram to an Endpoint without its port, length or first word`() {
    let whole = udpPacket(from, Sample.endpoint, WireGuardSample.data)
    for count in 20..<whole.count {
      let expected = count < 32 ? "leak undecodable" : "tunnel data"
      #expect(verdict(Array(whole.prefix(count)), original: whole.count) == expected, "\(count) bytes")
    }
  }

  @Test func `decides a cut datagram to another port of the Endpoint by its ports`() {
    let whole = udpPacket(from, "89.44.10.178:53", filler(40))
    #expect(verdict(Array(whole.prefix(24)), original: whole.count) == "leak endpoint-bypass")
    #expect(verdict(Array(whole.prefix(23)), original: whole.count) == "leak undecodable")
  }

  @Test func `decides cut TCP to an Endpoint without its header`() {
    let whole = tcpPacket(from, Sample.endpoint)
    for count in 20..<whole.count {
      #expect(verdict(Array(whole.prefix(count)), original: whole.count) == "leak endpoint-bypass", "\(count) bytes")
    }
    for count in 0..<20 { #expect(verdict(Array(whole.prefix(count)), original: whole.count) == "leak undecodable") }
  }

  @Test func `cannot decide a chain of headers that is cut, even to an Endpoint`() {
    let whole = ipv6(
      from: address("fd00:18::2"), to: address("2001:db8:44::178"), .hopByHop,
      extensionHeader(.udp) + udp(1, 51820, WireGuardSample.data))
    #expect(verdict(whole) == "tunnel data")
    #expect(verdict(Array(whole.prefix(47)), original: whole.count) == "leak undecodable")
  }

  @Test func `a malformed datagram to the Endpoint's port is undecodable`() {
    let bytes = ip(
      from: address("172.18.0.2"), to: address("89.44.10.178"), .udp, udp(1, 51820, WireGuardSample.data, length: 4))
    #expect(verdict(bytes) == "leak undecodable")
  }

  @Test func `reads the shape up to the length fields, not to the padding`() {
    let short = udpPacket(from, Sample.endpoint, wireGuard(4, length: 20)) + filler(60, 0)
    #expect(verdict(short) == "leak not-wireguard")
    let exact = udpPacket(from, Sample.endpoint, WireGuardSample.response) + filler(9, 0)
    #expect(verdict(exact) == "tunnel response")
  }

  @Test func `an offloaded message reaches to the end of the frame`() {
    for (total, length) in [(0, 0), (0, 1460)] {
      let bytes = ipv4(
        from: address("172.18.0.2"), to: address("89.44.10.178"), .udp,
        udp(1, 51820, wireGuard(4, length: 1452), length: length), totalLength: total)
      #expect(verdict(bytes) == "tunnel data")
      #expect(verdict(Array(bytes.prefix(96)), original: bytes.count) == "tunnel data")
    }
  }

  // Step 4: a WireGuard server in the gateway's namespace; sessions are in ServedSessionsTests.

  private var server: TunnelPolicy { policy { $0.servedPorts = [stated(51000), stated(51820)] } }

  @Test func `WireGuard's shape from a served port is tunnel only after its peer has called`() {
    for port in [51000, 51820] {
      let call = udpPacket("198.51.100.7:3", "172.18.0.2:\(port)", WireGuardSample.initiation)
      let answer = udpPacket("172.18.0.2:\(port)", "198.51.100.7:3", WireGuardSample.response)
      let data = udpPacket("172.18.0.2:\(port)", "198.51.100.7:3", WireGuardSample.data)
      #expect(
        audit([call, answer, data].map { SampleFrame($0) }, server) == ["ingress", "tunnel served", "tunnel served"])
      #expect(verdict(answer, server) == "leak other")
      #expect(verdict(data, server) == "leak other")
    }
    #expect(verdict(udpPacket("172.18.0.2:51001", "198.51.100.7:3", WireGuardSample.data), server) == "leak other")
    #expect(verdict(udpPacket("172.18.0.2:51000", "198.51.100.7:3", filler(64)), server) == "leak other")
    #expect(verdict(udpPacket("172.18.0.2:51000", "198.51.100.7:53", filler(64)), server) == "leak dns")
    #expect(verdict(tcpPacket("172.18.0.2:51000", "198.51.100.7:3", WireGuardSample.data), server) == "leak other")
    #expect(verdict(udpPacket("172.18.0.2:3", "198.51.100.7:51000", WireGuardSample.data), server) == "leak other")
  }

  @Test func `served packets are tunnel before allow rules apply, but never from a tunnel address`() {
    var policy = server
    policy.allowRules = [allow("ip")]
    func last(_ own: String) -> String? {
      audit(
        [
          udpPacket("198.51.100.7:53", own, WireGuardSample.initiation),
          udpPacket(own, "198.51.100.7:53", WireGuardSample.response),
        ].map { SampleFrame($0) }, policy, roles: [.bridge]
      ).last
    }
    #expect(last("172.18.0.2:51000") == "tunnel served")
    #expect(last("\(Sample.tunnelAddress):51000") == "leak tunnel-address")
  }

  @Test func `the Endpoint's steps come before served ports`() {
    #expect(
      verdict(udpPacket("172.18.0.2:51000", "89.44.10.178:9", WireGuardSample.data), server) == "leak endpoint-bypass")
  }
}
