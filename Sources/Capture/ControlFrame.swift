import CLinux
import Glibc
import Text
public import Wire

/// Sends frames that the auditor itself must see, which proves that it sees an interface (`--control`).
///
/// They are UDP between addresses of TEST-NET-1 (RFC 5737), which no router forwards, to the discard port (RFC 863) and
/// to a MAC address that nobody has. The payload is a text for anyone who finds it, and a nonce that differs in every
/// frame, so that seeing one frame does not help to forge the next. The packet fits into the shortest snap length that
/// a watch accepts.
///
///     Ethernet | IPv4 192.0.2.1 > 192.0.2.2 | UDP 9 > 9 | "leakaudit control " nonce
///
/// Frames are sent through a separate socket, which is opened once and then needs no privilege. It is closed when the
/// value's lifetime ends.
///
/// `unsafe` for sendto(2). Sound: frame and address outlive the call, and their sizes are given.
public struct ControlFrame: ~Copyable {
  public static let source = IPAddress(v4: 0xC000_0201)
  public static let destination = IPAddress(v4: 0xC000_0202)
  private let socket: Int32

  /// A frame that was sent.
  public struct Sent {
    /// The frame's bytes, starting with the IP header.
    public let packet: [UInt8]
    public let source: MACAddress
  }

  /// Opens the socket, which needs CAP_NET_RAW; sending does not.
  public init(_ privileged: borrowing Privileged) throws(CaptureError) {
    // With protocol 0 the socket receives nothing.
    socket = Glibc.socket(AF_PACKET, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else {
      throw errno == EPERM ? .notPermitted(SystemError.message(errno)) : .failed(SystemError.message(errno))
    }
  }

  deinit { close(socket) }

  /// Sends a new frame through an interface.
  public func send(on name: String) throws(CaptureError) -> Sent {
    guard let index = NetworkInterfaces.index(of: name) else { throw .failed("\(name) does not exist") }
    guard let source = NetworkInterfaces.hardwareAddress(of: name) else {
      throw .failed("\(name) is not Ethernet, so it cannot send a control frame")
    }
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_ifindex = Int32(index)
    address.sll_halen = 6
    // A locally administered address that nobody has.
    var frame: [UInt8] =
      [0x02, 0, 0, 0, 0, 0] + (0..<6).map { UInt8(truncatingIfNeeded: source.value >> (40 - 8 * $0)) }
    let packet = Self.packet(nonce: .random(in: .min ... .max))
    frame += [0x08, 0x00] + packet
    let sent = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe sendto(socket, frame, frame.count, 0, address, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    guard sent == frame.count else {
      throw .failed("\(name): the control frame was not sent: \(SystemError.message(errno))")
    }
    return Sent(packet: packet, source: source)
  }

  static func packet(nonce: UInt64) -> [UInt8] {
    let digits = String(nonce, radix: 16)
    let payload = Array("leakaudit control \(String(repeating: "0", count: 16 - digits.count))\(digits)".utf8)
    var header: [UInt8] = [0x45, 0] + Self.word(28 + payload.count) + [0, 0, 0x40, 0, 1, 17, 0, 0]
    for address in [Self.source, Self.destination] {
      header += (0..<4).map { UInt8(truncatingIfNeeded: address.low >> (24 - 8 * $0)) }
    }
    header.replaceSubrange(10..<12, with: Self.word(Self.checksum(header)))
    // A UDP checksum of zero means no checksum (RFC 768).
    return header + [0, 9, 0, 9] + Self.word(8 + payload.count) + [0, 0] + payload
  }

  private static func word(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }

  /// RFC 1071.
  private static func checksum(_ header: [UInt8]) -> Int {
    var sum = stride(from: 0, to: header.count, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
    while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
    return ~sum & 0xFFFF
  }
}
