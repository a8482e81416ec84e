import PacketFilter
import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// `tunnel` and `allowed` apply only to the senders they name (CONTRACT 2, steps 2, 4 and 5, and CONTRACT 5).
@Suite struct BelongingTests {
  private static let gateway = MACAddress(0x02_42_AC_12_00_02)
  private static let other = MACAddress(0x02_42_AC_12_00_09)
  private static let bridge = MACAddress(0x02_42_00_00_00_01)

  private static func frame(
    _ packet: [UInt8], _ from: MACAddress = gateway, on interface: Int = 0, at milliseconds: Int64 = 0
  ) -> SampleFrame {
    let comesIn = from == bridge
    var frame = SampleFrame(
      ethernet(packet, packet[0] >> 4 == 6 ? .ipv6 : .ipv4, from: from, to: comesIn ? gateway : bridge), .ethernet)
    frame.interface = interface
    frame.direction = comesIn == (interface == 0) ? .outgoing : .incoming
    frame.time = Timestamp(nanoseconds: milliseconds * 1_000_000)
    return frame
  }

  // MARK: A server in the gateway's namespace

  private static func serving(_ change: (inout TunnelPolicy) -> Void = { _ in }) -> TunnelPolicy {
    policy {
      $0.servedPorts = [stated(51000)]
      $0.containers = [
        stated(
          StatedContainer(
            names: ["wireguard"], addresses: [address("172.18.0.2")], macAddresses: [gateway], holdsTunnel: true))
      ]
      change(&$0)
    }
  }

  private static let peer = "198.51.100.7:4000"
  private static let server = "172.18.0.2:51000"
  private static let call = frame(udpPacket(peer, server, wireGuardInitiation(sender: 5)), bridge)
  private static let response = udpPacket(server, peer, wireGuardResponse(sender: 6, receiver: 5))
  private static let data = udpPacket(server, peer, wireGuardData(receiver: 5))

  private static func verdicts(_ frames: [SampleFrame], _ policy: TunnelPolicy = serving()) -> [String] {
    audit(frames, policy, roles: [.bridge])
  }

  @Test func `a served session counts as tunnel from its handshake on`() {
    #expect(
      Self.verdicts([Self.call, Self.frame(Self.response), Self.frame(Self.data)])
        == ["ingress", "tunnel served", "tunnel served"])
    let cookie = udpPacket(Self.server, Self.peer, [3, 0, 0, 0, 5, 0, 0, 0] + filler(56))
    #expect(Self.verdicts([Self.call, Self.frame(cookie)]).last == "tunnel served")
  }

  /// A packet from a group is made up: the group would be a peer, and messages to it the tunnel's.
  @Test func `a multicast or broadcast address is no peer of a served port`() {
    for group in ["224.1.2.3:4000", "255.255.255.255:4000"] {
      let call = Self.frame(udpPacket(group, Self.server, wireGuardInitiation(sender: 5)), Self.bridge)
      let response = udpPacket(Self.server, group, wireGuardResponse(sender: 6, receiver: 5))
      let verdicts = Self.verdicts([call, Self.frame(response)])
      #expect(verdicts.first == "ingress" && verdicts.last?.hasPrefix("tunnel") == false, "\(verdicts)")
    }
  }

  @Test func `WireGuard-shaped packets from the served port need a session`() {
    #expect(Self.verdicts([Self.frame(Self.data)]) == ["leak other"])
    #expect(Self.verdicts([Self.frame(Self.response)]) == ["leak other"])
    // Another index, another peer, an unrequested answer.
    let strange = udpPacket(Self.server, Self.peer, wireGuardResponse(sender: 6, receiver: 7))
    #expect(Self.verdicts([Self.call, Self.frame(strange)]).last == "leak other")
    let elsewhere = udpPacket(Self.server, "198.51.100.66:4000", wireGuardData(receiver: 5))
    #expect(Self.verdicts([Self.call, Self.frame(Self.response), Self.frame(elsewhere)]).last == "leak other")
  }

  @Test func `another container's packets from that port do not count, by address, MAC or both`() {
    let session = [Self.call, Self.frame(Self.response)]
    let own = udpPacket("172.18.0.9:51000", Self.peer, wireGuardData(receiver: 5))
    #expect(Self.verdicts(session + [Self.frame(own, Self.other)]).last == "leak other")
    #expect(Self.verdicts(session + [Self.frame(Self.data, Self.other)]).last == "leak other")
    #expect(Self.verdicts(session + [Self.frame(own)]).last == "leak other")
    let inner = udpPacket("\(Sample.tunnelAddress):51000", Self.peer, wireGuardData(receiver: 5))
    #expect(Self.verdicts(session + [Self.frame(inner)]).last == "leak tunnel-address")
  }

  @Test func `a session older than the audit needs a peer's message first, and a known gateway`() {
    let earlier = Self.frame(udpPacket(Self.peer, Self.server, wireGuardData(receiver: 6)), Self.bridge)
    #expect(Self.verdicts([earlier, Self.frame(Self.data)]).last == "tunnel served")
    #expect(Self.verdicts([Self.frame(Self.data), earlier]).first == "leak other")
    let demanding = Self.serving { $0.requiresVerifiedPeer = true }
    #expect(Self.verdicts([earlier, Self.frame(Self.data)], demanding).last == "leak other")
    let unknown = Self.serving { $0.containers = [] }
    #expect(Self.verdicts([earlier, Self.frame(Self.data)], unknown).last == "leak other")
    #expect(Self.verdicts([Self.call, Self.frame(Self.response)], unknown).last == "tunnel served")
  }

  @Test func `a session belongs to the address that its peer called, even without a known gateway`() {
    let unknown = Self.serving { $0.containers = [] }
    let session = [Self.call, Self.frame(Self.response)]
    let other = udpPacket("172.18.0.9:51000", Self.peer, wireGuardData(receiver: 5))
    #expect(Self.verdicts(session + [Self.frame(Self.data)], unknown).last == "tunnel served")
    #expect(Self.verdicts(session + [Self.frame(other, Self.other)], unknown).last == "leak other")
    let answer = udpPacket("172.18.0.9:51000", Self.peer, wireGuardResponse(sender: 6, receiver: 5))
    #expect(Self.verdicts([Self.call, Self.frame(answer, Self.other)], unknown).last == "leak other")
  }

  @Test func `a session follows its peer when the peer moves`() {
    let stranger = "198.51.100.66:4444"
    let session = [Self.call, Self.frame(Self.response), Self.frame(Self.data)]
    let there = Self.frame(udpPacket(Self.server, stranger, wireGuardData(receiver: 5)))
    // An earlier caller may call again; it is not the session's peer.
    let junk = Self.frame(udpPacket(stranger, Self.server, wireGuardData(receiver: 99)), Self.bridge)
    #expect(Self.verdicts(session + [junk, there]).last == "leak other")
    let offer = Self.frame(udpPacket(stranger, Self.server, wireGuardInitiation(sender: 5)), Self.bridge)
    #expect(Self.verdicts(session + [offer, there]).last == "leak other")
    // The peer shows that it moved by using the server's index.
    let moved = Self.frame(udpPacket(stranger, Self.server, wireGuardData(receiver: 6)), Self.bridge)
    #expect(Self.verdicts(session + [moved, there]).last == "tunnel served")
    #expect(Self.verdicts(session + [moved, Self.frame(Self.data)]).last == "leak other")
  }

  @Test func `a handshake shows which gateway owns an older session`() {
    let addressOnly = Self.serving {
      $0.containers = [
        stated(
          StatedContainer(names: ["wireguard"], addresses: [address("172.18.0.2")], macAddresses: [], holdsTunnel: true)
        )
      ]
    }
    let session = [Self.call, Self.frame(Self.response)]
    let stranger = "198.51.100.66:4444"
    let junk = Self.frame(udpPacket(stranger, Self.server, wireGuardData(receiver: 99)), Self.bridge)
    let older = udpPacket(Self.server, stranger, wireGuardData(receiver: 77))
    #expect(Self.verdicts(session + [junk, Self.frame(older)], addressOnly).last == "tunnel served")
    #expect(Self.verdicts(session + [junk, Self.frame(older, Self.other)], addressOnly).last == "leak other")
    #expect(Self.verdicts(session + [Self.frame(Self.data, Self.other)], addressOnly).last == "leak other")
  }

  @Test func `the server may send first to a peer that has called before`() {
    let earlier = Self.frame(udpPacket(Self.peer, Self.server, wireGuardData(receiver: 6)), Self.bridge)
    let initiation = Self.frame(udpPacket(Self.server, Self.peer, wireGuardInitiation(sender: 9)))
    let answer = Self.frame(udpPacket(Self.peer, Self.server, wireGuardResponse(sender: 8, receiver: 9)), Self.bridge)
    let data = Self.frame(udpPacket(Self.server, Self.peer, wireGuardData(receiver: 8)))
    #expect(
      Self.verdicts([earlier, initiation, answer, data]) == ["ingress", "tunnel served", "ingress", "tunnel served"])
    #expect(Self.verdicts([initiation]) == ["leak other"])
  }

  // MARK: The configured peer

  @Test func `under peer-verified, data without its handshake is a leak`() {
    let demanding = policy {
      $0.requiresVerifiedPeer = true
      $0.endpoints = [stated(TunnelEndpoint(endpoint(Sample.endpoint), publicKey: filler(32, 7)))]
    }
    let data = Self.frame(udpPacket("172.18.0.2:4000", Sample.endpoint, wireGuardData(receiver: 5)))
    #expect(Self.verdicts([data, data, data], demanding) == Array(repeating: "leak not-wireguard", count: 3))
    // A handshake for another key verifies nothing.
    let initiation = Self.frame(udpPacket("172.18.0.2:4000", Sample.endpoint, wireGuardInitiation(sender: 1)))
    let response = Self.frame(
      udpPacket(Sample.endpoint, "172.18.0.2:4000", wireGuardResponse(sender: 5, receiver: 1)), Self.bridge)
    #expect(
      Self.verdicts([initiation, response, data], demanding)
        == ["leak not-wireguard", "ingress", "leak not-wireguard"])
  }

  @Test func `under peer-verified, cookies and responses must answer the peer's handshake`() {
    let key = filler(32, 7)
    let demanding = policy {
      $0.requiresVerifiedPeer = true
      $0.endpoints = [stated(TunnelEndpoint(endpoint(Sample.endpoint), publicKey: key))]
    }
    let cookie = Self.frame(
      udpPacket("172.18.0.2:4000", Sample.endpoint, [3, 0, 0, 0, 5, 0, 0, 0] + filler(56)))
    let call = Self.frame(udpPacket(Sample.endpoint, "172.18.0.2:4000", wireGuardInitiation(sender: 5)), Self.bridge)
    #expect(Self.verdicts([cookie], demanding) == ["leak not-wireguard"])
    #expect(Self.verdicts([call, cookie], demanding).last == "tunnel cookie")
  }

  @Test func `a flood of handshakes for the right peer leaves the true one verified`() {
    let key = filler(32, 7)
    let demanding = policy {
      $0.requiresVerifiedPeer = true
      $0.endpoints = [stated(TunnelEndpoint(endpoint(Sample.endpoint), publicKey: key))]
    }
    func initiation(_ index: UInt32, from: String, _ mac: MACAddress) -> SampleFrame {
      Self.frame(udpPacket(from, Sample.endpoint, TestSupport.initiation(sender: index, to: key)), mac)
    }
    let flood = (0..<200).map { initiation(100 + $0, from: "172.18.0.9:5", Self.other) }
    let own = initiation(1, from: "172.18.0.2:4000", Self.gateway)
    let response = Self.frame(
      udpPacket(Sample.endpoint, "172.18.0.2:4000", wireGuardResponse(sender: 8, receiver: 1)), Self.bridge)
    let data = Self.frame(udpPacket("172.18.0.2:4000", Sample.endpoint, wireGuardData(receiver: 8)))
    #expect(Self.verdicts([own] + flood + [response, data], demanding).last == "tunnel data")
  }

  // MARK: Allow rules

  private static let onlyNtfy = policy {
    $0.allowRules = [
      AllowRule(id: "ntfy", reason: "test", filter: nil, containers: ["ntfy"], origin: "test")
    ]
    $0.containers = [
      stated(
        StatedContainer(
          names: ["ntfy"], addresses: [address("172.18.0.7")], macAddresses: [MACAddress(0x02_42_AC_12_00_07)],
          holdsTunnel: false)),
      stated(
        StatedContainer(
          names: ["evil"], addresses: [address("172.18.0.9")], macAddresses: [other], holdsTunnel: false)),
    ]
  }

  @Test func `a container's rule needs its IP and MAC address if both are known`() {
    let ntfy = MACAddress(0x02_42_AC_12_00_07)
    let packet = udpPacket("172.18.0.7:4001", "8.8.8.8:53", dnsQuery("ntfy.example"))
    #expect(Self.verdicts([Self.frame(packet, ntfy)], Self.onlyNtfy) == ["allowed rule 0"])
    #expect(Self.verdicts([Self.frame(packet, Self.other)], Self.onlyNtfy) == ["leak dns"])
    #expect(Self.verdicts([Self.frame(packet, Self.gateway)], Self.onlyNtfy) == ["leak dns"])
    let foreign = udpPacket("172.18.0.99:4001", "8.8.8.8:53", dnsQuery("ntfy.example"))
    #expect(Self.verdicts([Self.frame(foreign, ntfy)], Self.onlyNtfy) == ["leak dns"])
    // Its addresses of the other IP version are not known; link-local ones belong to no one in particular.
    for own in ["2001:db8::7", "fe80::7"] {
      #expect(
        Self.verdicts([Self.frame(udpPacket("[\(own)]:1", "[2001:db8:9::9]:443"), ntfy)], Self.onlyNtfy) == [
          "allowed rule 0"
        ])
    }
  }

  @Test func `a rule that names one container of a shared namespace matches nothing, and the summary says why`() {
    let shared = OriginDirectory(
      names: [address("172.18.0.2"): ["gluetun", "qbittorrent"], address("172.18.0.9"): ["ntfy"]])
    func unused(_ containers: [String]) -> [String] {
      let policy = policy {
        $0.allowRules = [AllowRule(id: "app", reason: "test", filter: nil, containers: containers, origin: "test")]
      }
      let frame = SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.7:9"), direction: .incoming)
      return summary([frame], policy, roles: [.bridge], directory: shared).notices
        .filter { $0.kind == .unusedAllowRule }.map(\.text)
    }
    #expect(
      unused(["qbittorrent"]) == [
        "Allow rule app matched nothing: packets of 'gluetun' look the same as those of 'qbittorrent', so it must name all "
          + "of them (test)."
      ])
    #expect(unused(["qbittorrent", "gluetun"]).isEmpty)
    #expect(unused(["ntfy"]) == ["Allow rule app matched nothing (test)."])
  }

  @Test func `use of a container's address by another machine is reported`() {
    let packet = udpPacket("172.18.0.7:4001", "8.8.8.8:53", dnsQuery("ntfy.example"))
    var notices: [AuditSummary.Notice] = []
    _ = audit([Self.frame(packet, Self.other)], Self.onlyNtfy, roles: [.bridge]) {
      notices = $0.summary(ConclusionRules()).notices
    }
    #expect(notices.contains { $0.kind == .foreignSource && $0.text.contains("the address of ntfy") })
  }

  @Test func `on the NIC only the flow that the bridge's packet began is allowed`() {
    let ntfy = MACAddress(0x02_42_AC_12_00_07)
    func packet(_ from: String, _ content: UInt8 = 1) -> [UInt8] {
      udpPacket(from, "8.8.8.8:443", filler(40, content))
    }
    let allowed = Self.frame(packet("172.18.0.7:4001"), ntfy, at: 1)
    func last(_ frames: [SampleFrame]) -> String? {
      audit([allowed] + frames, Self.onlyNtfy, roles: [.bridge, .nic]).last
    }
    // Behind NAT, with the port kept or changed, and later packets of that flow.
    #expect(last([Self.frame(packet("192.168.1.10:4001"), on: 1, at: 2)]) == "allowed rule 0")
    #expect(last([Self.frame(packet("192.168.1.10:61000"), on: 1, at: 2)]) == "allowed rule 0")
    #expect(
      last([
        Self.frame(packet("192.168.1.10:61000"), on: 1, at: 2), Self.frame(packet("172.18.0.7:4001", 2), ntfy, at: 3),
        Self.frame(packet("192.168.1.10:61000", 3), on: 1, at: 4),
      ]) == "allowed rule 0")
    // The host's own packet to the same address and port, even from the container's port.
    #expect(last([Self.frame(packet("192.168.1.10:5000", 9), on: 1, at: 2)]) == "leak other")
    #expect(last([Self.frame(packet("192.168.1.10:4001", 9), on: 1, at: 2)]) == "leak other")
    // Another container's packet that looks the same.
    #expect(
      last([
        Self.frame(packet("172.18.0.9:4001"), Self.other, at: 2),
        Self.frame(packet("192.168.1.10:61000"), on: 1, at: 3),
      ]) == "leak other")
    // Long after the bridge's last packet.
    #expect(
      last([
        Self.frame(packet("192.168.1.10:61000"), on: 1, at: 2),
        Self.frame(packet("192.168.1.10:61000", 5), on: 1, at: 9000),
      ]) == "leak other")
  }
}
