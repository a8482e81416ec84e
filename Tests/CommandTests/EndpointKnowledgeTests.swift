import Foundation
import TestSupport
import Testing
import Wire

/// How the program learns where the tunnel goes if no address is stated: from handshakes, or from the DNS
/// answers that the capture holds.
@Suite struct EndpointKnowledgeTests {
  private static let file = PcapFile(linkType: .raw)

  private static func capture(_ packets: [[UInt8]]) -> [UInt8] { file.bytes(StandardMix.frames(.raw, packets)) }

  @Test(arguments: ["file", "stream"])
  func `endpoints are inferred from handshakes`(kind: String) throws {
    let directory = try TemporaryDirectory()
    // Data before the first handshake is proven by it, in a stream as in a file.
    let path = try directory.file("late.pcap", Self.capture([StandardMix.ipv4[2]] + StandardMix.ipv4))
    let input = kind == "file" ? path : "-"
    let json = try Command.run(["replay", input, "--format", "json"], input: URL(filePath: path))
    let summary = try json.summary()
    summary.expectToAddUp()
    #expect(json.status == 1)
    #expect(summary.policy.isInferred)
    #expect(summary.policy.endpoints.map(\.value) == ["203.0.113.178:51820"])
    #expect((summary.tunnel, summary.leak) == (3, 2))
    let text = try Command.run(["replay", input], input: URL(filePath: path))
    let words = text.output.replacing("\n", with: " ")
    #expect(words.hasPrefix("LEAKS: "))
    #expect(words.contains("Policy inferred: Endpoint 203.0.113.178:51820 by its handshakes."), "\(words)")
  }

  private static let provider = """
    services:
      gluetun:
        image: qmcgaw/gluetun
        container_name: gluetun
        cap_add: [NET_ADMIN]
        environment: {VPN_SERVICE_PROVIDER: mullvad, VPN_TYPE: wireguard, WIREGUARD_ADDRESSES: 10.64.114.74/32}
        networks: {stack: {ipv4_address: 172.18.0.2, mac_address: "02:42:ac:12:00:02"}}
      other:
        image: alpine
        container_name: other
        networks: {stack: {ipv4_address: 172.18.0.9, mac_address: "02:42:ac:12:00:09"}}
    networks:
      stack:
        ipam: {config: [{subnet: 172.18.0.0/16}]}
    """

  @Test func `a missing configuration that nothing needs is not requested`() throws {
    let directory = try TemporaryDirectory()
    let compose = try directory.file(
      "compose.yaml", Array("services: {vpn: {image: qmcgaw/gluetun, cap_add: [NET_ADMIN]}}".utf8))
    let policy = try directory.file("policy.yaml", Array("endpoints: ['203.0.113.9:1194']".utf8))
    func told(_ options: String...) throws -> String {
      try Command.run(["policy", "--no-docker", "--compose", compose] + options).errors
    }
    #expect(try told().contains("OpenVPN"))
    #expect(try told("--endpoint", "203.0.113.9:1194") == "")
    #expect(try told("--policy", policy) == "")
    // One Endpoint does not count for two gateways.
    let two = try directory.file(
      "two.yaml",
      Array(
        "services: {a: {image: qmcgaw/gluetun, cap_add: [NET_ADMIN]}, b: {image: qmcgaw/gluetun, cap_add: [NET_ADMIN]}}"
          .utf8
      ))
    let result = try Command.run(["policy", "--no-docker", "--compose", two, "--endpoint", "203.0.113.9:1194"])
    #expect(result.errors.contains("OpenVPN"))
  }

  @Test func `a gateway that chooses its own server shows it by its handshakes`() throws {
    let directory = try TemporaryDirectory()
    let compose = try directory.file("compose.yaml", Array(Self.provider.utf8))
    let result = try Command.run(["replay", "captures/healthy.bridge.pcap", "--compose", compose, "--format", "json"])
    let summary = try result.summary()
    #expect(result.status == 0 && summary.leak == 0 && summary.tunnel > 0, "\(summary.leaks)")
    #expect(summary.policy.isInferred)
    #expect(summary.policy.endpoints.map(\.value) == ["203.0.113.178:51820"])
    let text = try Command.run(["replay", "captures/healthy.bridge.pcap", "--compose", compose])
    #expect(text.output.replacing("\n", with: " ").contains("policy inferred: Endpoint 203.0.113.178:51820"))
    // Another container's tunnel says nothing about the gateway's.
    func packets(_ own: String) -> [SampleFrame] {
      let (here, there) = ("\(own):4000", "198.51.100.66:51820")
      let mac = MACAddress(own == "172.18.0.2" ? 0x02_42_AC_12_00_02 : 0x02_42_AC_12_00_09)
      let bridge = MACAddress(0x02_42_00_00_00_01)
      return [
        SampleFrame(
          ethernet(udpPacket(here, there, wireGuardInitiation(sender: 1)), .ipv4, from: mac, to: bridge), .ethernet),
        SampleFrame(
          ethernet(udpPacket(there, here, wireGuardResponse(sender: 9, receiver: 1)), .ipv4, from: bridge, to: mac),
          .ethernet),
        SampleFrame(
          ethernet(udpPacket(here, there, wireGuardData(receiver: 9)), .ipv4, from: mac, to: bridge), .ethernet),
      ]
    }
    for (own, leaks) in [("172.18.0.2", 0), ("172.18.0.9", 2)] {
      let path = try directory.file("\(own).pcap", PcapFile(linkType: .ethernet).bytes(packets(own)))
      let told = try Command.run([
        "replay", path, "--compose", compose, "--role", "\(own).pcap=bridge", "--format", "json",
      ]).summary()
      #expect(told.leaks("wireguard-other") == leaks && told.tunnel == 2 - leaks, "\(own)")
    }
  }

  // MARK: - gluetun's list

  /// The stack above with a folder at /gluetun and this list in it. `healthy.*` were recorded with the first key.
  private static func listed(
    _ directory: TemporaryDirectory, key: String, address: String, variables: String = ""
  ) throws -> String {
    let list = """
      {"version": 1, "mullvad": {"version": 4, "timestamp": 1767222000, "servers": [
        {"vpn": "wireguard", "city": "Amsterdam", "hostname": "nl-1", "wgpubkey": "\(key)", "ips": ["\(address)", "2001:db8::1"]},
        {"vpn": "wireguard", "city": "Oslo", "hostname": "no-1", "wgpubkey": "\(key)", "ips": ["192.0.2.9"]}]}}
      """
    _ = try directory.file("servers.json", Array(list.utf8))
    let compose = provider.replacing("cap_add", with: "volumes: [\".:/gluetun\"]\n    cap_add")
      .replacing("VPN_TYPE", with: variables + "VPN_TYPE")
    return try directory.file("compose.yaml", Array(compose.utf8))
  }

  private static let ownKey = "Nnqj12O/vvfkbsFIJOAq9N2ccF01vgJ2A4Y42a2sOw8="
  private static let otherKey = "oIlcCoo1li5q5KJcptI96RYskcf4JAnqRoEUXvYPZic="
  private static let healthy = ["captures/healthy.bridge.pcap", "captures/healthy.nic.pcap"]

  @Test func `the gateway's list names the servers, and the key shows who answers`() throws {
    let directory = try TemporaryDirectory()
    let compose = try Self.listed(
      directory, key: Self.ownKey, address: "203.0.113.178", variables: "SERVER_CITIES: amsterdam, ")
    for files in [Self.healthy, [Self.healthy[0]], [Self.healthy[1]]] {
      let text = try Command.run(["replay"] + files + ["--compose", compose])
      let words = text.output.replacing("\n", with: " ")
      #expect(text.status == 0 && text.errors.isEmpty, "\(text.errors)")
      #expect(
        words.hasPrefix("CLEAN (Endpoint 203.0.113.178:51820 from gluetun's list of servers): no leak among"),
        "\(words)")
      let summary = try Command.run(["replay"] + files + ["--compose", compose, "--format", "json"]).summary()
      summary.expectToAddUp()
      #expect(summary.tunnelStates.map(\.grade) == ["peer-verified"])
    }
    let policy = try Command.run(["policy", "--no-docker", "--compose", compose])
    #expect(policy.output.contains("gluetun's list of servers: 1 of 2 of mullvad, port 51820, as of 2025-12-31"))
  }

  @Test(arguments: [
    (Self.ownKey, "203.0.113.179", "", "does not have that server among those to choose from"),
    (Self.otherKey, "203.0.113.178", "", "but it was for another key than gluetun's list of servers"),
    (Self.ownKey, "203.0.113.178", "SERVER_CITIES: oslo, ", "does not have that server among those to choose from"),
    (
      Self.ownKey, "203.0.113.178", "WIREGUARD_ENDPOINT_PORT: 443, ",
      "does not have that server among those to choose from"
    ),
  ])
  func `a healthy tunnel to an unlisted server makes the audit incomplete, not a leak`(
    key: String, address: String, variables: String, reason: String
  ) throws {
    let directory = try TemporaryDirectory()
    let compose = try Self.listed(directory, key: key, address: address, variables: variables)
    let result = try Command.run(["replay"] + Self.healthy + ["--compose", compose])
    let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(result.status == 3)
    #expect(words.hasPrefix("INCOMPLETE (policy inferred: no Endpoint is certain): no leak seen"), "\(words)")
    #expect(
      words.contains(reason) && words.contains("probably yours: then state --endpoint 203.0.113.178:51820"), "\(words)")
  }

  @Test func `a key in the variables must match the handshake`() throws {
    let directory = try TemporaryDirectory()
    for (key, status, words) in [(Self.ownKey, 0, "CLEAN (policy inferred: Endpoint 203"), (Self.otherKey, 1, "LEAKS")]
    {
      let text = Self.provider.replacing("VPN_TYPE", with: "WIREGUARD_PUBLIC_KEY: \(key), VPN_TYPE")
      let compose = try directory.file("compose.yaml", Array(text.utf8))
      let result = try Command.run(["replay"] + Self.healthy + ["--compose", compose])
      #expect(result.status == Int32(status) && result.output.hasPrefix(words), "\(result.output)")
    }
  }

  // MARK: - Older than the audit

  @Test func `a tunnel that is already up makes the audit incomplete, and --endpoint is suggested`() throws {
    let directory = try TemporaryDirectory()
    let (here, there) = ("172.18.0.2:40000", "203.0.113.178:51820")
    let packets = (0..<9).flatMap { number in
      [
        udpPacket(here, there, wireGuardData(receiver: 5, counter: UInt64(90 + number))),
        udpPacket(there, here, wireGuardData(receiver: 6, counter: UInt64(40 + number))),
      ]
    }
    let path = try directory.file("running.pcap", Self.capture(packets))
    for input in [path, "-"] {
      let told = try Command.run(["replay", input], input: URL(filePath: path))
      let words = told.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(told.status == 3 && words.hasPrefix("INCOMPLETE (policy inferred: no Endpoint is certain)"), "\(words)")
      #expect(words.contains("probably yours: then state --endpoint 203.0.113.178:51820"), "\(words)")
    }
    let frames = try Command.run(["replay", path, "--per-frame"]).frames()
    #expect(Set(frames.map(\.verdict)) == ["tunnel", "ingress"])
    // What it asks for, with and without a port.
    for option in [there, "203.0.113.178"] {
      let stated = try Command.run(["replay", path, "--endpoint", option])
      #expect(stated.status == 0 && stated.output.hasPrefix("CLEAN: no leak among 9"))
      #expect(
        stated.errorLines
          == (option == there
            ? []
            : [
              "leakaudit: --endpoint 203.0.113.178: it gives no port, so WireGuard's usual one is used: 203.0.113.178:51820"
            ]))
    }
  }

  @Test(arguments: ["2001:db8::1", "203.0.113.178:", "[2001:db8::1]:", "", ":51820", "203.0.113"])
  func `an Endpoint without a port must be an unambiguous address`(text: String) throws {
    let result = try Command.run(["replay", "captures/healthy.nic.pcap", "--endpoint", text])
    #expect(result.status == 64 && result.output.isEmpty, "\(result.errors)")
    #expect(try Command.run(["policy", "--endpoint", "[2001:db8::1]"]).output.contains("[2001:db8::1]:51820"))
    #expect(try Command.run(["policy", "--endpoint", "vpn.example.net"]).output.contains("vpn.example.net:51820"))
  }

  @Test func `without a handshake nothing counts as tunnel`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("data.pcap", Self.capture([StandardMix.ipv4[2], StandardMix.ipv4[4]]))
    let result = try Command.run(["replay", path, "--format", "json"])
    let summary = try result.summary()
    #expect(result.status == 1)
    #expect((summary.tunnel, summary.leak) == (0, 1))
    #expect(summary.policy.isInferred)
    let text = try Command.run(["replay", path])
    #expect(text.output.replacing("\n", with: " ").contains("no handshake seen, so no Endpoint known"))
  }

  /// A query for the Endpoint's name, the answer, the handshake.
  private static func resolution(answer: [UInt8]) -> [[UInt8]] {
    let query = dnsQuery("vpn.example.net", id: 7)
    return [
      udpPacket("172.18.0.2:40053", "198.51.100.53:53", query),
      udpPacket("198.51.100.53:53", "172.18.0.2:40053", answer),
    ] + StandardMix.ipv4.prefix(5)
  }

  private static let named = ["--endpoint", "vpn.example.net:51820"]

  @Test func `a name is learned from the capture's own DNS answer`() throws {
    let directory = try TemporaryDirectory()
    let answer = dnsResponse("vpn.example.net", [address("203.0.113.178")], id: 7)
    let path = try directory.file("named.pcap", Self.capture(Self.resolution(answer: answer)))
    let result = try Command.run(["replay", path, "--format", "json"] + Self.named)
    let summary = try result.summary()
    summary.expectToAddUp()
    // Looking up the Endpoint's own name before the tunnel is informational.
    #expect(result.status == 0)
    #expect((summary.tunnel, summary.leaks("dns"), summary.leak) == (2, 1, 1))
    #expect(summary.leaks.map(\.severity) == ["info"])
    let strict = try Command.run(["replay", path, "--fail-on", "info"] + Self.named)
    #expect(strict.status == 1)
    #expect(try Command.run(["replay", path] + Self.named).output.contains("Harmless: does not fail the audit"))
    #expect(summary.policy.endpoints.map(\.value) == ["203.0.113.178:51820"])
    #expect(summary.policy.endpoints.map(\.origin) == ["DNS answer for vpn.example.net in frame 2"])
    #expect(!summary.policy.isInferred)
  }

  @Test(arguments: [
    // Another transaction, another name, no answer at all.
    dnsResponse("vpn.example.net", [address("203.0.113.178")], id: 8),
    dnsResponse("vpn.example.org", [address("203.0.113.178")], id: 7),
    dnsResponse("vpn.example.net", [], id: 7),
  ])
  func `an Endpoint's name without a DNS answer stops the audit`(answer: [UInt8]) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("unanswered.pcap", Self.capture(Self.resolution(answer: answer)))
    let result = try Command.run(["replay", path, "--format", "json"] + Self.named)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("--resolve vpn.example.net="))
    let resolved = try Command.run(
      ["replay", path, "--format", "json", "--resolve", "vpn.example.net=203.0.113.178"] + Self.named)
    #expect(try resolved.summary().tunnel == 2)
    #expect(resolved.status == 0)
  }

  @Test func `files are merged by the time of their frames`() throws {
    let directory = try TemporaryDirectory()
    let frames = StandardMix.frames(.raw)
    func every(_ remainder: Int) -> [UInt8] {
      Self.file.bytes(frames.indices.filter { $0 % 2 == remainder }.map { frames[$0] })
    }
    let even = try directory.file("even.pcap", every(0))
    let odd = try directory.file("odd.pcap", every(1))
    let arguments = ["--per-frame", "--wg-config", "captures/formats/wg0.conf"]
    let merged = try Command.run(["replay", odd, even] + arguments)
    let lines = try merged.frames()
    #expect(lines.map(\.interface) == frames.indices.map { $0 % 2 == 0 ? "even.pcap" : "odd.pcap" })
    #expect(lines.map(\.frame) == Array(1...8))
    let single = try directory.file("all.pcap", Self.file.bytes(frames))
    let alone = try Command.run(["replay", single] + arguments).frames()
    #expect(lines.map(\.verdict) == alone.map(\.verdict))
    #expect(lines.map(\.kind) == alone.map(\.kind))
    #expect(merged.status == 1)
  }
}
