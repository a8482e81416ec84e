import TestSupport
import Testing
import Wire

/// A capture under captures/shapes: a client that changes the form of WireGuard's messages, with the configuration that
/// says how, and each frame's expected kind.
struct ShapeCapture: Sendable, CustomTestStringConvertible {
  var name: String
  /// Seconds since the first frame, the kind, and the packet.
  var frames: [(seconds: Double, kind: String, packet: [UInt8])]
  /// What the messages show of the peer and of the session.
  var grade = "peer-verified"
  var state = "up"
  /// Whether a policy file beside it states the shape.
  var hasPolicy = false

  var path: String { "captures/shapes/\(name).pcap" }
  var arguments: [String] {
    [path, "--wg-config", "captures/shapes/\(name).wg0.conf"]
      + (hasPolicy ? ["--policy", "captures/shapes/\(name).policy.yaml"] : [])
  }
  var testDescription: String { name }

  var bytes: [UInt8] {
    PcapFile(linkType: .ethernet).bytes(
      frames.map { frame in
        let isOwn = frame.packet[12..<16] == [172, 18, 0, 2]
        let (source, destination) =
          isOwn
          ? (StandardMix.stackMAC, StandardMix.routerMAC) : (StandardMix.routerMAC, StandardMix.stackMAC)
        var time = StandardMix.time(0)
        time.nanoseconds += Int64(frame.seconds * 1_000_000_000)
        return SampleFrame(ethernet(frame.packet, .ipv4, from: source, to: destination), .ethernet, time: time)
      })
  }

  private static let own = "172.18.0.2:40000"
  private static let endpoint = "203.0.113.178:51820"
  private static func sent(_ message: [UInt8]) -> [UInt8] { udpPacket(own, endpoint, message) }
  private static func received(_ message: [UInt8]) -> [UInt8] { udpPacket(endpoint, own, message) }

  /// An initiation of sender 7 with a `mac1` for the configurations' public key (32 bytes 0x42), made with Python's
  /// hashlib.
  private static func initiation(_ mac: String) -> [UInt8] {
    Array(wireGuardInitiation(sender: 7).prefix(116)) + hexadecimal(mac) + filler(16, 0)
  }

  static let all = [amneziaWG, reservedBytes, mullvadLWO]

  /// Version 2 with all parameters. Junk before a handshake belongs to it; without a handshake it is a leak.
  static let amneziaWG: Self = {
    func data(_ counter: UInt64, length: Int = 96) -> [UInt8] {
      amnezia(wireGuardData(receiver: 9, counter: counter, length: length), padding: 9, header: 0xF00D_CAFE)
    }
    let first = amnezia(initiation("8647d96c02eb8a30a027689c1d20942c"), padding: 15, header: 0x1020_3040)
    let answer = amnezia(wireGuardResponse(sender: 9, receiver: 7), padding: 18, header: 0x2020_3040)
    return Self(
      name: "amneziawg",
      frames: [
        (0, "junk", sent([0xC0, 0xFF] + filler(24, 0x11) + filler(4, 0x65))), (0.001, "junk", sent(filler(40, 0x9E))),
        (0.002, "junk", sent(filler(55, 0x9E))), (0.003, "junk", sent(filler(70, 0x9E))),
        (0.004, "initiation", sent(first)), (0.030, "ingress", received(answer)), (0.031, "data", sent(data(0))),
        (0.050, "ingress", received(amnezia(wireGuardData(receiver: 7), padding: 9, header: 0xF123_4567))),
        (10, "keepalive", sent(data(1, length: 32))),
        // Nothing follows these: one has the length of junk, one is WireGuard as the server does not speak it.
        (20, "not-wireguard", sent(filler(55, 0x9E))), (21, "not-wireguard", sent(WireGuardSample.initiation)),
        (40, "data", sent(data(2))),
      ])
  }()

  /// A client id in the reserved bytes, both ways, as WARP's clients and servers have it.
  static let reservedBytes = Self(
    name: "reserved",
    frames: [
      (0, "initiation", sent(reserved(initiation("5fc49efb342d8fceb9f7e951e79df0ac")))),
      (0.030, "ingress", received(reserved(wireGuardResponse(sender: 9, receiver: 7)))),
      (0.031, "data", sent(reserved(wireGuardData(receiver: 9)))),
      (0.050, "ingress", received(reserved(wireGuardData(receiver: 7)))),
      (10, "keepalive", sent(reserved(wireGuardData(receiver: 9, counter: 1, length: 32)))),
      (20, "not-wireguard", sent(reserved(Array(WireGuardSample.initiation.dropLast())))),
    ])

  /// Both versions, sent with the server's key; plain WireGuard beside it. The server's answers hide what they answer.
  static let mullvadLWO: Self = {
    let key = filler(32, 0x42)
    let answer = lwo1(wireGuardResponse(sender: 9, receiver: 7), key: filler(32, 0x43), mark: 0x91)
    return Self(
      name: "lwo",
      frames: [
        (0, "initiation", sent(lwo1(WireGuardSample.initiation, key: key, mark: 0xA7))),
        (0.030, "ingress", received(answer)), (0.031, "data", sent(lwo1(WireGuardSample.data, key: key, mark: 0x83))),
        (10, "keepalive", sent(lwo1(WireGuardSample.keepalive, key: key, mark: 0xFF))),
        (20, "initiation", sent(lwo2(WireGuardSample.initiation, key: key, padding: 100))),
        (21, "data", sent(lwo2(WireGuardSample.data, key: key))),
        (30, "not-wireguard", sent(WireGuardSample.data)),
        (31, "not-wireguard", sent(lwo1(WireGuardSample.data, key: filler(32, 0x43), mark: 0x83))),
      ], grade: "shaped", state: "presumed", hasPolicy: true)
  }()
}
