import Foundation
import TestSupport
import Testing
import Wire

/// How a stack's own files change what a leak is: published ports, served peers.
@Suite struct CircumstanceTests {
  private static func ethernetFrame(_ packet: [UInt8], on interface: Int = 0, outgoing: Bool, at index: Int)
    -> SampleFrame
  {
    SampleFrame(
      ethernet(packet), .ethernet, time: StandardMix.time(index), interface: interface,
      direction: outgoing == (interface == 1) ? .outgoing : .incoming)
  }

  private static func capture(_ frames: [SampleFrame]) -> [UInt8] {
    var file = PcapngFile()
    file.section()
    for name in ["br-stack", "eth0"] { file.interface(.ethernet, name: name) }
    for frame in frames {
      file.enhanced(frame, [.init(code: 2, value: file.word(UInt32(frame.direction == .incoming ? 1 : 2)))])
    }
    return file.bytes
  }

  private static let roles = ["--role", "br-stack=bridge", "--role", "eth0=nic", "--format", "json"]

  @Test
  func `an answer from a port that compose publishes is low, a connection that the stack begins is not`()
    throws
  {
    let client = "198.51.100.7:50000"
    let page = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    var frames: [SampleFrame] = []
    for (interface, own) in [(1, "192.168.1.10:8080"), (0, "172.18.0.2:80")] {
      let packets = [
        (tcpPacket(client, own, flags: 0x02), false), (tcpPacket(own, client, flags: 0x12), true),
        (tcpPacket(own, client, page), true),
      ]
      for (packet, isOutgoing) in packets {
        frames.append(Self.ethernetFrame(packet, on: interface, outgoing: isOutgoing, at: frames.count))
      }
    }
    let own = tcpPacket("172.18.0.2:80", "198.51.100.8:443", flags: 0x02)
    frames.append(Self.ethernetFrame(own, outgoing: true, at: frames.count))
    let directory = try TemporaryDirectory()
    let path = try directory.file("published.pcapng", Self.capture(frames))
    let summary = try Command.run(
      ["replay", path, "--compose", "Tests/Lab/stacks/article/docker-compose.yaml", "--scope", "all"] + Self.roles
    ).summary()
    summary.expectToAddUp()
    #expect(summary.leak == 5)
    #expect(summary.leaks.filter { $0.severity == "low" }.reduce(0) { $0 + $1.frames } == 4)
    #expect(summary.leaks.filter { $0.severity != "low" }.map(\.destination) == ["198.51.100.8"])
  }

  @Test func `data inside neighbour discovery fails the audit, neighbour discovery does not`() throws {
    func run(_ messages: [[UInt8]]) throws -> Summary {
      let frames = messages.enumerated().map { index, message in
        var packet = icmpPacket("2001:db8:1::2", "2001:db8:1::66", message)
        packet[7] = 255
        return SampleFrame(
          ethernet(packet, .ipv6), .ethernet, time: StandardMix.time(index), interface: 0, direction: .incoming)
      }
      let directory = try TemporaryDirectory()
      let path = try directory.file("neighbour.pcapng", Self.capture(frames))
      return try Command.run(["replay", path, "--wg-config", "captures/formats/wg0.conf"] + Self.roles).summary()
    }
    let target = octets(address("2001:db8:1::66"))
    let own = octets(address("2001:db8:1::2"))
    let link: [UInt8] = [1, 1, 2, 0, 0, 0, 0, 1]
    let honest = try run([icmp(135, target + link), icmp(136, rest: 0x4000_0000, own)])
    #expect(honest.leaks.map(\.severity) == ["info"])
    #expect(honest.failingLeaks == 0)
    let content = filler(1336)
    let hidden = try run([
      icmp(134, content), icmp(135, target + content), icmp(136, own + content), icmp(137, content),
    ])
    #expect(hidden.conclusion == "leaks")
    #expect(hidden.failingLeaks == 4)
  }

  @Test func `served peers are tunnel and others wireguard-other, on bridge and NIC`() throws {
    let directory = try TemporaryDirectory()
    let configuration = try directory.file(
      "wg1.conf",
      """
      [Interface]
      PrivateKey = REDACTED
      Address = 10.0.2.1/24
      ListenPort = 51821

      [Peer]
      PublicKey = VK1VeGBS6z8S9ZzmxwDjtSkYF6ZtZVIoVe5aDgPRvyA=
      AllowedIPs = 10.0.2.2/32
      """)
    var frames: [SampleFrame] = []
    for (interface, own) in [(0, "172.18.0.2"), (1, "192.168.1.10")] {
      let call = udpPacket("198.51.100.7:40000", "\(own):51821", WireGuardSample.initiation)
      frames.append(Self.ethernetFrame(call, on: interface, outgoing: false, at: frames.count))
      for message in [WireGuardSample.response, WireGuardSample.data] {
        let served = udpPacket("\(own):51821", "198.51.100.7:40000", message)
        frames.append(Self.ethernetFrame(served, on: interface, outgoing: true, at: frames.count))
      }
      let foreign = udpPacket("\(own):40001", "198.51.100.9:51820", WireGuardSample.initiation)
      frames.append(Self.ethernetFrame(foreign, on: interface, outgoing: true, at: frames.count))
    }
    let path = try directory.file("served.pcapng", Self.capture(frames))
    let summary = try Command.run(
      ["replay", path, "--wg-config", configuration, "--wg-config", "captures/formats/wg0.conf"] + Self.roles
    ).summary()
    summary.expectToAddUp()
    #expect((summary.tunnel, summary.leak) == (4, 2))
    #expect(
      summary.leaks.allSatisfy { $0.reason == "wireguard-other" && $0.fate == "escaped" && $0.origin == "bridge" })
    #expect(summary.leaks.map(\.destination) == ["198.51.100.9", "198.51.100.9"])
  }
}
