import Audit
import PolicyFiles
import Text
import Wire

/// A packet given only by protocol, addresses and ports, without content: a source of one frame.
struct DescribedPacket: FrameSource, ~Copyable {
  typealias Failure = Never

  private let bytes: [UInt8]
  private var isRead = false

  init(_ words: [String]) throws {
    let number: UInt8
    switch words[0].lowercased() {
    case "tcp": number = 6
    case "udp": number = 17
    case "icmp": number = 1
    case "icmpv6", "icmp6": number = 58
    default:
      guard let stated = UInt8(words[0]) else {
        throw Self.failure(words[0], "not a protocol: write tcp, udp, icmp, or a number")
      }
      number = stated
    }
    let hasPorts = number == 6 || number == 17
    let source = try Self.end(words[1], hasPort: hasPorts)
    let destination = try Self.end(words[2], hasPort: hasPorts)
    guard source.address.isIPv4 == destination.address.isIPv4 else {
      throw Self.failure(words[2], "not of the source's address family")
    }
    var transport: [UInt8] = []
    if hasPorts {
      for port in [source.port, destination.port] { transport += [UInt8(port >> 8), UInt8(port & 0xFF)] }
      // A TCP header without options and with SYN; a UDP datagram without content.
      transport += number == 6 ? [0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0xFF, 0xFF, 0, 0, 0, 0] : [0, 8, 0, 0]
    } else if number == 1 || number == 58 {
      transport = [number == 1 ? 8 : 128, 0, 0, 0, 0, 1, 0, 1]
    }
    // The MAC addresses are unknown and stay zero. Raw IP is no alternative: it could be the tunnel's inside.
    let type = source.address.isIPv4 ? EtherType.ipv4 : .ipv6
    let link = [UInt8](repeating: 0, count: 12) + [UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF)]
    bytes = link + Self.header(number, source.address, destination.address, length: transport.count) + transport
  }

  private static func header(
    _ number: UInt8, _ source: IPAddress, _ destination: IPAddress, length: Int
  ) -> [UInt8] {
    func octets(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }
    if source.isIPv4 {
      return [0x45, 0] + octets(UInt64(20 + length), 2) + [0, 0, 0, 0, 64, number, 0, 0] + octets(source.low, 4)
        + octets(destination.low, 4)
    }
    return [0x60, 0, 0, 0] + octets(UInt64(length), 2) + [number, 64] + octets(source.high, 8) + octets(source.low, 8)
      + octets(destination.high, 8) + octets(destination.low, 8)
  }

  /// An address, and a port if the protocol has ports.
  private static func end(_ text: String, hasPort: Bool) throws -> (address: IPAddress, port: UInt16) {
    if !hasPort {
      guard let address = IPAddress(text) else { throw failure(text, "no address") }
      return (address, 0)
    }
    guard case .address(let endpoint)? = try? EndpointText(text) else {
      throw failure(text, "not address:port; IPv6 is written as [2001:db8::1]:53")
    }
    return (endpoint.address, endpoint.port)
  }

  private static func failure(_ text: String, _ reason: String) -> any Error {
    leakaudit.Failure(status: .usage, message: "'\(Formatting.safe(text))' is \(reason)")
  }

  mutating func advance() -> Bool {
    defer { isRead = true }
    return !isRead
  }

  var frame: CapturedFrame {
    @_lifetime(borrow self) get {
      CapturedFrame(
        bytes: bytes.view, originalLength: bytes.count, timestamp: .now, linkType: .ethernet, interface: 0,
        recordDirection: .unknown)
    }
  }
}
