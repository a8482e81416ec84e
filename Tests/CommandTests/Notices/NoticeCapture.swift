import TestSupport
import Testing
import Wire

/// A capture under captures/notices, of bridge and NIC together, and which notices must be made of it.
struct NoticeCapture: Sendable, CustomTestStringConvertible {
  var name: String
  var frames: [SampleFrame]
  /// By kind, how many frames each notice counts.
  var notices: [String: [Int]]

  var path: String { "captures/notices/\(name).pcapng" }
  var testDescription: String { name }

  static let arguments = ["--wg-config", "captures/notices/wg0.conf", "--policy", "captures/notices/policy.yaml"]
  static let all = arps + dhcps + lookups

  /// pcapng with two interfaces; records say which way they went (`epb_flags`).
  var bytes: [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "br-stack")
    file.interface(.ethernet, name: "eth0")
    for frame in frames {
      let flags: UInt32 = frame.direction == .incoming ? 1 : 2
      file.enhanced(frame, [.init(code: 2, value: file.word(flags))])
    }
    return file.bytes
  }

  /// Frames some milliseconds apart: each with the pause before it.
  init(_ name: String, _ frames: [(pause: Int64, frame: SampleFrame)], _ notices: [String: [Int]] = [:]) {
    self.name = name
    self.notices = notices
    var moment = StandardMix.time(0).nanoseconds
    self.frames = frames.map { pause, frame in
      moment += pause * 1_000_000
      var frame = frame
      frame.time = Timestamp(nanoseconds: moment)
      return frame
    }
  }

  init(_ name: String, _ frames: [SampleFrame], _ notices: [String: [Int]] = [:]) {
    self.init(name, frames.map { (10, $0) }, notices)
  }
}

/// Frames by their origin. What a container sends enters the host at the bridge.
enum NoticeFrame {
  static let containerMAC = StandardMix.stackMAC
  static let bridgeMAC = StandardMix.routerMAC
  static let hostMAC = MACAddress(0x02_00_C0_A8_01_0A)
  static let peerMAC = MACAddress(0x02_00_C0_A8_01_01)
  static let broadcast = MACAddress(0xFFFF_FFFF_FFFF)

  static func container(_ payload: [UInt8], _ type: EtherType = .ipv4) -> SampleFrame {
    SampleFrame(
      ethernet(payload, type, from: containerMAC, to: bridgeMAC), .ethernet, interface: 0, direction: .incoming)
  }

  static func toContainer(_ payload: [UInt8], _ type: EtherType = .ipv4) -> SampleFrame {
    SampleFrame(
      ethernet(payload, type, from: bridgeMAC, to: containerMAC), .ethernet, interface: 0, direction: .outgoing)
  }

  static func host(_ payload: [UInt8], _ type: EtherType = .ipv4) -> SampleFrame {
    SampleFrame(ethernet(payload, type, from: hostMAC, to: peerMAC), .ethernet, interface: 1, direction: .outgoing)
  }

  static func lan(_ payload: [UInt8], _ type: EtherType = .ipv4) -> SampleFrame {
    SampleFrame(ethernet(payload, type, from: peerMAC, to: broadcast), .ethernet, interface: 1, direction: .incoming)
  }

  static let tunnelPacket = container(udpPacket("172.18.0.2:40000", "203.0.113.178:51820", WireGuardSample.data))
}
