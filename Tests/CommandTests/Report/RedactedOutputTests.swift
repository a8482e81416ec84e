import Foundation
import TestSupport
import Testing
import Wire

/// What `--redact` prints can be posted, whatever the format: nothing of it says whom it is about.
@Suite struct RedactedOutputTests {
  private static let marker = "Zq7xW3vK"
  private static let station = MACAddress(0x02_9A_7E_C4_51_B6)
  private static let ownID = "9a:7eff:fec4:51b6"
  /// Nothing of these may be in an output: the marker, the hardware address, what EUI-64 makes of it, a public address.
  private static let secrets = [
    marker.lowercased(), String(marker.lowercased().reversed()),
    Data(marker.utf8.prefix(6)).base64EncodedString().lowercased(),
    marker.utf8.map { String($0, radix: 16) }.joined(), "c4:51:b6", "fec4:51b6", "fec451b6", "198.51.100.77",
  ]

  private static func http(_ host: String) -> [UInt8] {
    Array("GET /\(marker) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: \(marker)\r\n\r\n".utf8)
  }

  private static var stun: [UInt8] {
    [0, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42] + filler(12) + [0x80, 0x22, 0, 8] + Array(marker.utf8)
  }

  private static func frame(_ packet: [UInt8]) -> [UInt8] {
    ethernet(packet, packet[0] >> 4 == 6 ? .ipv6 : .ipv4, from: station, to: MACAddress(0x02_42_00_00_00_01))
  }

  /// Names of one label and of any ending, in every protocol that tells one.
  private static var frames: [SampleFrame] {
    let names = [marker, "\(marker).sh", "\(marker).md", "\(marker).conf.example", "a.\(marker).zip"]
    var packets: [[UInt8]] = names.flatMap { name in
      [
        udpPacket("172.18.0.9:4000", "198.51.100.77:53", dnsQuery(name)),
        tcpPacket("172.18.0.9:4001", "198.51.100.77:443", tlsRecords(clientHello(name))),
        tcpPacket("172.18.0.9:4002", "198.51.100.77:80", http(name)),
      ]
    }
    packets.append(udpPacket("172.18.0.9:4003", "198.51.100.77:3478", stun))
    packets.append(udpPacket("[2001:db8:7::\(ownID)]:4", "[2606:4700::77]:9", Array(marker.utf8)))
    packets.append(udpPacket("[fe80::\(ownID)]:4", "[2606:4700::77]:53", dnsQuery("\(marker).example")))
    packets.append(icmpPacket("172.18.0.9", "198.51.100.77", icmpEcho(8, identifier: 7) + Array(marker.utf8)))
    return (packets + StandardMix.ipv4).enumerated().map { number, packet in
      var frame = SampleFrame(frame(packet), .ethernet)
      frame.time.nanoseconds += Int64(number) * 1_000_000
      return frame
    }
  }

  private static let formats = ["text", "json", "ndjson", "html", "markdown", "junit", "csv", "prometheus"]

  @Test(arguments: formats.map { ["--format", $0] } + [["--per-frame"], ["--each", "--format", "json"]])
  func `no output tells whom it is about`(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("leaks.pcap", PcapFile(linkType: .ethernet).bytes(Self.frames))
    let result = try Command.run(
      ["replay", path, "--wg-config", "captures/formats/wg0.conf", "--redact", "--audited", "172.18.0.0/16"] + options)
    #expect(result.status == 1, "\(result.errors)")
    let shown = result.output.lowercased()
    #expect(!shown.isEmpty)
    for secret in Self.secrets { #expect(!shown.contains(secret), "\(secret)") }
    // Without redaction it is there: the test looks in the right place.
    let plain = try Command.run(
      ["replay", path, "--wg-config", "captures/formats/wg0.conf", "--audited", "172.18.0.0/16"] + options)
    let isCounting = options.contains("prometheus") || options.contains("junit")
    #expect(isCounting || plain.output.lowercased().contains(Self.marker.lowercased()))
  }
}
