import PolicyFiles
import StackCheck
import Testing
import Wire

/// Which findings predict a leak: the packets that a rule lets out, in the state in which it does.
struct PredictionTests {
  private static func packet(
    _ destination: String, _ transport: IPProtocol, _ port: UInt16?, isUp: Bool = false, isStart: Bool = false,
    isEarly: Bool = false, _ sender: LeakedPacket.Sender = .program
  ) throws -> LeakedPacket {
    let address = try #require(IPAddress(destination))
    return LeakedPacket(
      isIPv4: address.isIPv4, destination: address, transport: transport, port: port, wasTunnelUp: isUp,
      wasGatewayStarted: isStart, leftBeforeTunnel: isEarly, sender: sender)
  }

  /// A closed kill switch and one line more.
  private static func faults(_ line: String, _ packet: LeakedPacket) throws -> [String] {
    let report = try OpeningTests.report(line)
    return report.predicting(packet).map { report.findings[$0].fault.id }
  }

  @Test func `a rule predicts what it lets out, and nothing else`() throws {
    let rule = "iptables -A OUTPUT -d 198.51.100.0/24 -p udp --dport 1000:2000 -j ACCEPT"
    #expect(try Self.faults(rule, Self.packet("198.51.100.7", .udp, 1500)) == ["rule-lets-out"])
    #expect(try Self.faults(rule, Self.packet("198.51.100.7", .udp, 2001)) == [])
    #expect(try Self.faults(rule, Self.packet("198.51.101.7", .udp, 1500)) == [])
    #expect(try Self.faults(rule, Self.packet("198.51.100.7", .tcp, 1500)) == [])
    #expect(try Self.faults(rule, Self.packet("2001:db8::1", .udp, 1500)) == [])
  }

  @Test func `what a rule lets out at several kinds of places is one finding's`() throws {
    let rule = "iptables -A OUTPUT -p udp --dport 53 -j ACCEPT"
    for address in ["198.51.100.53", "10.64.0.1", "192.168.1.1"] {
      #expect(try Self.faults(rule, Self.packet(address, .udp, 53)) == ["rule-lets-out"], "\(address)")
    }
  }

  @Test func `what a script leaves open where it ends is open for good`() throws {
    let script = """
      set -e
      ip route add 192.168.1.0/24 via 172.18.0.1
      iptables -P OUTPUT DROP
      iptables -A OUTPUT -o lo -j ACCEPT
      iptables -A OUTPUT -o wg0 -j ACCEPT
      """
    let config = try WireGuardConfig(
      """
      [Interface]
      PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
      Address = 10.64.1.2/32
      DNS = 10.64.0.1
      [Peer]
      PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
      AllowedIPs = 0.0.0.0/0
      Endpoint = 203.0.113.178:51820
      """, fileName: "wg0.conf")
    let report = StackAudit.report(
      scripts: [.init(path: "kill-switch.sh", target: "", text: script)], configs: [config])
    // To the LAN from the tunnel's address, which there is only with a tunnel.
    for packet in [try Self.packet("198.51.100.7", .tcp, 443), try Self.packet("192.168.1.1", .tcp, 8080)] {
      let faults = report.predicting(packet).map { report.findings[$0].fault.id }
      #expect(faults.contains("errexit-before-kill-switch"), "\(faults)")
    }
  }

  @Test func `rules predict nothing of a service that is outside of them`() throws {
    let rule = "iptables -A OUTPUT -d 198.51.100.7 -j ACCEPT"
    #expect(try Self.faults(rule, Self.packet("198.51.100.7", .udp, 53, .stray)) == [])
  }

  @Test func `a forged packet is predicted by what lets a consumer forge it`() throws {
    func report(_ words: String, _ ofGateway: String) throws -> StackReport {
      try ServiceTests.report(
        "wireguard: {image: lscr.io/linuxserver/wireguard, cap_add: [NET_ADMIN], dns: [10.64.0.1], "
          + "sysctls: [net.ipv4.conf.all.src_valid_mark=1], healthcheck: {test: ping -I wg0 10.64.0.1}\(ofGateway)}\n"
          + "app: {image: a, network_mode: service:wireguard, depends_on: {wireguard: {condition: service_healthy}}"
          + "\(words)}\n")
    }
    func ids(_ words: String, _ sender: LeakedPacket.Sender, isEarly: Bool = false, ofGateway: String = "") throws
      -> [String]
    {
      let report = try report(words, ofGateway)
      let packet = try Self.packet("198.51.100.7", .udp, 9, isStart: true, isEarly: isEarly, sender)
      // It has no rules, which predicts everything.
      return report.predicting(packet).map { report.findings[$0].fault.id }.filter { $0 != "no-kill-switch" }
    }
    #expect(try ids("", .forger) == ["consumer-net-raw"])
    #expect(try ids("", .program) == [])
    #expect(try ids(", cap_drop: [ALL]", .forger) == [])
    #expect(try ids(", cap_add: [NET_ADMIN]", .afterMeddling) == ["consumer-net-admin"])
    let mounts = ", cap_drop: [ALL], volumes: [./startup:/x]"
    let owner = ", volumes: [./startup:/custom-cont-init.d:ro]"
    #expect(try ids(mounts, .afterRewriting, ofGateway: owner) == ["gateway-files-writable"])
    #expect(try ids(mounts, .program, ofGateway: owner) == [])
    // Where the gateway starts, there is a time before the first rule.
    #expect(try ids(", cap_drop: [ALL], restart: always", .program, isEarly: true) == ["restart-race"])
    #expect(try ids(", cap_drop: [ALL], restart: always", .program) == [])
  }
}
