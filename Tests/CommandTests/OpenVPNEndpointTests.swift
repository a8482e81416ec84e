import Foundation
import TestSupport
import Testing
import Wire

/// OpenVPN as the tunnel: stated over UDP and TCP, and chosen by gluetun from its list of servers.
@Suite struct OpenVPNEndpointTests {
  private static let gateway = "172.18.0.2"
  private static let server = "203.0.113.9"

  /// A session over UDP: its beginning, the answer, data both ways.
  private static func udpSession(
    _ own: String = gateway, _ server: String = server, port: UInt16 = 1194
  ) -> [[UInt8]] {
    let (here, there) = ("\(own):40001", "\(server):\(port)")
    return [
      udpPacket(here, there, [0x38] + filler(13)), udpPacket(there, here, [0x40] + filler(25)),
      udpPacket(here, there, [0x48] + filler(120)), udpPacket(there, here, [0x48] + filler(120)),
    ]
  }

  private static func behindLength(_ packet: [UInt8]) -> [UInt8] { bigEndian(UInt16(packet.count)) + packet }

  private static func tcpSession(_ own: String = gateway, _ server: String = server, port: UInt16 = 443) -> [[UInt8]] {
    let (here, there) = ("\(own):40002", "\(server):\(port)")
    return [
      tcpPacket(here, there, flags: 0x02), tcpPacket(there, here, flags: 0x12), tcpPacket(here, there, flags: 0x10),
      tcpPacket(here, there, behindLength([0x38] + filler(13))),
      tcpPacket(there, here, behindLength([0x40] + filler(25))),
      // Two packets share a segment.
      tcpPacket(here, there, behindLength([0x48] + filler(60)) + behindLength([0x48] + filler(60))),
    ]
  }

  private static func capture(
    _ directory: TemporaryDirectory, _ packets: [[UInt8]], apart milliseconds: Int64 = 10
  ) throws -> String {
    let bridge = MACAddress(0x02_42_00_00_00_01)
    let frames = packets.enumerated().map { index, packet -> SampleFrame in
      // The source's last byte is that of the container's MAC address.
      let isOwn = packet[12] == 172
      let mac = MACAddress(0x02_42_AC_12_00_00 + UInt64(isOwn ? packet[15] : packet[19]))
      return SampleFrame(
        ethernet(packet, .ipv4, from: isOwn ? mac : bridge, to: isOwn ? bridge : mac), .ethernet,
        time: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(index) * milliseconds * 1_000_000))
    }
    return try directory.file("br.pcap", PcapFile(linkType: .ethernet).bytes(frames))
  }

  private static func words(_ result: Command.Result) -> String {
    result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: - Stated

  @Test(arguments: ["--endpoint", "--policy"])
  func `a stated server is known by address, port and protocol`(source: String) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.capture(
      directory,
      Self.tcpSession() + [
        udpPacket("172.18.0.2:9", "203.0.113.9:443"), tcpPacket("172.18.0.2:40003", "203.0.113.9:80", flags: 0x02),
      ])
    let policy = try directory.file(
      "policy.yaml", Array("endpoints: [{endpoint: '203.0.113.9:443', shape: openvpn, transport: tcp}]".utf8))
    let options = source == "--policy" ? [source, policy] : [source, "203.0.113.9:443/tcp"]
    let summary = try Command.run(["replay", path, "--format", "json"] + options).summary()
    summary.expectToAddUp()
    #expect((summary.tunnel, summary.ingress, summary.leak, summary.leaks("endpoint-bypass")) == (4, 2, 2, 2))
    #expect(summary.policy.endpoints.map(\.value) == ["203.0.113.9:443/tcp"])
    #expect(summary.tunnelStates.map(\.grade) == ["address-only"])
    let frames = try Command.run(["replay", path, "--per-frame"] + options).frames()
    #expect(frames.filter { $0.verdict == "tunnel" }.allSatisfy { $0.kind == "openvpn" })
    let told = try Command.run(["replay", path] + options)
    #expect(
      Self.words(told).contains(
        "203.0.113.9:443/tcp: OpenVPN was recognized only by address, port and protocol, which is less certain than WireGuard's format"
      ))
  }

  @Test func `WireGuard over TCP is refused, and a name may go over it`() throws {
    let directory = try TemporaryDirectory()
    let policy = try directory.file(
      "policy.yaml", Array("endpoints: [{endpoint: '203.0.113.9:443/tcp', shape: lwo}]".utf8))
    let result = try Command.run(["policy", "--policy", policy])
    #expect(
      result.status == 64 && result.errors.contains("uses TCP, which WireGuard cannot; write shape: openvpn"))
    let named = try Command.run(["policy", "--endpoint", "vpn.example.net:443/tcp"])
    #expect(named.output.contains("vpn.example.net:443/tcp (shape: openvpn)"))
    let bare = try Command.run(["policy", "--endpoint", "203.0.113.9/tcp"])
    #expect(bare.status == 64 && bare.errors.contains("it has no port"))
  }

  // MARK: - gluetun's list

  private static func compose(_ directory: TemporaryDirectory, _ variables: String = "") throws -> String {
    _ = try directory.file(
      "servers.json",
      Array(
        """
        {"version": 1, "nordvpn": {"version": 5, "timestamp": 1767222000, "servers": [
          {"vpn": "openvpn", "hostname": "nl1", "tcp": true, "udp": true, "ips": ["203.0.113.9"]},
          {"vpn": "openvpn", "hostname": "nl2", "udp": true, "ips": ["203.0.113.10"]},
          {"vpn": "wireguard", "hostname": "nl3", "wgpubkey": "oIlcCoo1li5q5KJcptI96RYskcf4JAnqRoEUXvYPZic=",
           "ips": ["203.0.113.11"]}]}}
        """.utf8))
    return try directory.file(
      "compose.yaml",
      Array(
        """
        services:
          gluetun:
            image: qmcgaw/gluetun
            container_name: gluetun
            cap_add: [NET_ADMIN]
            volumes: [".:/gluetun"]
            environment: {VPN_SERVICE_PROVIDER: nordvpn\(variables)}
            networks: {stack: {ipv4_address: 172.18.0.2, mac_address: "02:42:ac:12:00:02"}}
          other:
            image: alpine
            container_name: other
            networks: {stack: {ipv4_address: 172.18.0.9, mac_address: "02:42:ac:12:00:09"}}
        networks:
          stack:
            ipam: {config: [{subnet: 172.18.0.0/16}]}
        """.utf8))
  }

  private static func replay(
    _ packets: [[UInt8]], _ variables: String = "", apart: Int64 = 10, _ options: String...
  ) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let path = try capture(directory, packets, apart: apart)
    let compose = try compose(directory, variables)
    let result = try Command.run(["replay", path, "--compose", compose, "--role", "br.pcap=bridge"] + options)
    // The same for a stream.
    let stream = try Command.run(
      ["replay", "-", "--compose", compose, "--role", "stdin=bridge"] + options, input: URL(filePath: path))
    #expect(stream.status == result.status)
    return result
  }

  private static let tcp = ", OPENVPN_PROTOCOL: tcp"

  @Test func `the list says where the tunnel goes`() throws {
    for (packets, variables, name) in [
      (Self.udpSession(), "", "203.0.113.9:1194"), (Self.tcpSession(), Self.tcp, "203.0.113.9:443/tcp"),
      (Self.udpSession(port: 53), ", VPN_ENDPOINT_PORT: 53", "203.0.113.9:53"),
    ] {
      let result = try Self.replay(packets, variables)
      #expect(result.status == 0, "\(result.output)")
      #expect(Self.words(result).hasPrefix("CLEAN (Endpoint \(name) from gluetun's list of servers): no leak among"))
      #expect(Self.words(result).contains("less certain than WireGuard's format"))
    }
  }

  @Test func `a server change is followed`() throws {
    let result = try Self.replay(
      Self.udpSession() + Self.udpSession(Self.gateway, "203.0.113.10"), "", apart: 10, "--format", "json")
    let summary = try result.summary()
    #expect(result.status == 0 && summary.tunnel == 4 && summary.leak == 0)
    #expect(result.output.contains("the tunnel's server changed from 203.0.113.9:1194 to 203.0.113.10:1194"))
  }

  @Test func `what looks like no OpenVPN leaves the audit incomplete`() throws {
    let (here, there) = ("172.18.0.2:40002", "203.0.113.9:443")
    let hello = [0x16, 0x03, 0x01] + bigEndian(UInt16(200)) + filler(200)
    let result = try Self.replay(
      [tcpPacket(here, there, flags: 0x02), tcpPacket(there, here, flags: 0x12), tcpPacket(here, there, hello)],
      Self.tcp)
    #expect(result.status == 3, "\(result.output)")
    #expect(
      Self.words(result).contains("if it is your tunnel, state it with --endpoint 203.0.113.9:443/tcp"))
    let quic = try Self.replay(
      Self.udpSession() + [udpPacket("172.18.0.2:5000", "203.0.113.9:1194", [0xC0] + filler(60))])
    #expect(quic.status == 3)
  }

  @Test func `a stream beside the tunnel's, to the same server, leaves the audit incomplete`() throws {
    let (here, there) = ("172.18.0.2:40777", "203.0.113.9:443")
    let hello = [0x16, 0x03, 0x01] + bigEndian(UInt16(200)) + filler(200)
    let result = try Self.replay(
      Self.tcpSession() + [tcpPacket(here, there, flags: 0x02), tcpPacket(here, there, hello)], Self.tcp)
    #expect(result.status == 3 && Self.words(result).contains("does not look like OpenVPN"), "\(result.output)")
  }

  @Test func `somebody's WireGuard is not the tunnel of a gateway that runs OpenVPN`() throws {
    let (here, there) = ("172.18.0.2:4000", "198.51.100.66:51820")
    let result = try Self.replay(
      Self.udpSession() + [
        udpPacket(here, there, wireGuardInitiation(sender: 1)),
        udpPacket(there, here, wireGuardResponse(sender: 9, receiver: 1)),
        udpPacket(here, there, wireGuardData(receiver: 9)),
      ], "", apart: 10, "--format", "json")
    #expect(try result.summary().leaks("wireguard-other") == 2 && result.status == 1)
  }

  @Test func `two at the same time leave the audit incomplete`() throws {
    let two = (0..<3).flatMap { _ in Self.udpSession() + Self.udpSession(Self.gateway, "203.0.113.10") }
    let result = try Self.replay(two, "", apart: 1000)
    #expect(result.status == 3)
    #expect(
      Self.words(result).contains(
        "OpenVPN went to 203.0.113.9:1194 and to 203.0.113.10:1194 at the same time, and a gateway has one tunnel"))
  }

  @Test func `a session with a server that the list does not name is doubtful`() throws {
    let result = try Self.replay(Self.udpSession(Self.gateway, "198.51.100.7"))
    #expect(result.status == 3, "\(result.output)")
    let words = Self.words(result)
    #expect(
      words.hasPrefix("INCOMPLETE") && words.contains("does not name it: the list may be older than the image's own"))
    #expect(words.contains("probably yours: then state --endpoint 198.51.100.7:1194"))
    let stated = try Self.replay(
      Self.udpSession(Self.gateway, "198.51.100.7"), "", apart: 10, "--endpoint", "198.51.100.7:1194")
    #expect(stated.status == 0 && stated.output.hasPrefix("CLEAN"), "\(stated.output)")
    // Beside a tunnel that answers, it is a second one.
    let second = try Self.replay(Self.udpSession() + Self.udpSession(Self.gateway, "198.51.100.7"))
    #expect(second.status == 1 && second.output.contains("openvpn"))
  }

  @Test func `what is none of it leaks as ever`() throws {
    // The server without TCP, another port, another container, and data alone to an unknown server.
    for (packets, variables) in [
      (Self.tcpSession(Self.gateway, "203.0.113.10"), Self.tcp), (Self.tcpSession(port: 8443), Self.tcp),
      (Self.udpSession("172.18.0.9"), ""), (Array(Self.udpSession(Self.gateway, "198.51.100.7")[2...]), ""),
      (Self.tcpSession(), ""),
    ] {
      let result = try Self.replay(packets, variables)
      #expect(result.status == 1, "\(result.output)")
    }
  }

  /// Only address, port and protocol identify such a tunnel, and any container can write them.
  @Test(arguments: ["listed", "stated", "any"])
  func `what another container sends to the gateway's server leaks, whatever its form`(source: String) throws {
    let directory = try TemporaryDirectory()
    let any = try directory.file(
      "any.yaml", Array("endpoints: [{endpoint: '203.0.113.9:1194', shape: any}]".utf8))
    let (here, there) = ("172.18.0.9:5000", "203.0.113.9:1194")
    let packets =
      Self.udpSession() + [udpPacket(here, there, [0x48] + filler(120)), udpPacket(here, there, Array("GET /".utf8))]
    let options =
      switch source {
      case "stated": ["--endpoint", there]
      case "any": ["--policy", any]
      default: [String]()
      }
    let path = try Self.capture(directory, packets)
    let compose = try Self.compose(directory)
    let arguments = ["replay", path, "--compose", compose] + options
    for roles in [[], ["--role", "br.pcap=bridge"]] {
      let summary = try Command.run(arguments + roles + ["--format", "json"]).summary()
      summary.expectToAddUp()
      #expect((summary.tunnel, summary.ingress, summary.leak, summary.leaks("endpoint-bypass")) == (2, 2, 2, 2))
    }
    let explained = try Command.run(["explain", path, "5", "--compose", compose, "--role", "br.pcap=bridge"] + options)
    #expect(
      Self.words(explained).contains("no: 172.18.0.9 is of 'other', not of the gateway 'gluetun'"), "\(explained)")
  }

  @Test func `a stream of another container's to the gateway's server leaks`() throws {
    let (here, there) = ("172.18.0.9:5000", "203.0.113.9:443")
    let result = try Self.replay(
      Self.tcpSession() + [
        tcpPacket(here, there, flags: 0x02), tcpPacket(here, there, Self.behindLength([0x48] + filler(60))),
      ], Self.tcp, apart: 10, "--format", "json")
    #expect(try result.status == 1 && result.summary().leaks("endpoint-bypass") == 2)
  }

  @Test func `a server that the variables state is the Endpoint, and the custom configuration's too`() throws {
    let directory = try TemporaryDirectory()
    let stated = try Self.compose(
      directory, ", VPN_TYPE: openvpn, OPENVPN_ENDPOINT_IP: 192.0.2.7, OPENVPN_PROTOCOL: TCP")
    let policy = try Command.run(["policy", "--no-docker", "--compose", stated])
    #expect(policy.errors == "" && policy.output.contains("192.0.2.7:443/tcp (shape: openvpn)"), "\(policy.output)")
    _ = try directory.file(
      "my.ovpn", Array("client\nproto tcp-client\nremote 192.0.2.8 4443\nremote 192.0.2.9 1\n".utf8))
    let text = """
      services:
        vpn:
          image: qmcgaw/gluetun
          cap_add: [NET_ADMIN]
          volumes: ["./my.ovpn:/gluetun/custom.conf:ro"]
          environment: {VPN_SERVICE_PROVIDER: custom, VPN_TYPE: openvpn, OPENVPN_CUSTOM_CONFIG: /gluetun/custom.conf}
      """
    let custom = try directory.file("custom.yaml", Array(text.utf8))
    let read = try Command.run(["policy", "--no-docker", "--compose", custom])
    #expect(read.errors == "" && read.output.contains("192.0.2.8:4443/tcp (shape: openvpn)"), "\(read.output)")
    #expect(read.output.contains("my.ovpn:3"))
    // No address is contacted, and nothing waits for a container's pipe.
    _ = try directory.file("my.ovpn", Array("remote 0.0.0.0 1194\n".utf8))
    let nobody = try Command.run(["policy", "--no-docker", "--compose", custom])
    #expect(nobody.output.contains("none") && nobody.errors.contains("gluetun's OpenVPN server is not among"))
    try FileManager.default.removeItem(at: directory.url.appending(path: "my.ovpn"))
    #expect(unsafe mkfifo(directory.url.appending(path: "my.ovpn").path, 0o600) == 0)
    #expect(try Command.run(["policy", "--no-docker", "--compose", custom]).output.contains("none"))
  }
}
