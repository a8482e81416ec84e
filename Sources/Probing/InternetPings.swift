import CLinux
import Glibc
import Wire

/// Answers pings in the kernel's place, so that the answer can tell from where the ping came.
struct InternetPings {
  let family: IPAddress.Family
  let socket: OpenSocket

  /// Has the kernel leave pings alone. Nil if that may not be set here: the kernel then answers as ever, and the probes
  /// cannot tell which way a ping went.
  init?(_ family: IPAddress.Family) throws(SocketFailure) {
    let switches: [IPAddress.Family: String] = [
      .ipv4: "/proc/sys/net/ipv4/icmp_echo_ignore_all", .ipv6: "/proc/sys/net/ipv6/icmp/echo_ignore_all",
    ]
    guard let path = switches[family], ProcessFile.write("1", to: path) else { return nil }
    self.family = family
    socket = try OpenSocket(family, .raw(family == .ipv4 ? Int32(IPPROTO_ICMP) : Int32(IPPROTO_ICMPV6)))
    try socket.answerForAll(family)
  }

  /// Answers a ping; any other message is the kernel's to read. An answer that cannot be sent is silence.
  func answer(_ datagram: OpenSocket.Datagram) {
    guard let from = Endpoint(datagram.from), let bytes = Self.reply(datagram.bytes, from: from.address) else { return }
    // The port of a raw socket's peer has no meaning, and the kernel refuses most.
    try? socket.send(
      bytes, to: Endpoint(address: from.address, port: 0).end(scope: datagram.from.scope), from: datagram.to)
  }

  /// The echo reply (RFC 792, RFC 4443 section 4.2) to what a raw socket received; if a probe sent it, with an answer at
  /// its end. Nil if it is no echo request. Over IPv4 the IP header stands before the message.
  static func reply(_ received: [UInt8], from source: IPAddress) -> [UInt8]? {
    var message = received[...]
    if source.isIPv4 {
      guard let first = received.first else { return nil }
      message = received.dropFirst(Int(first & 0x0F) * 4)
    }
    let (request, reply): (UInt8, UInt8) = source.isIPv4 ? (8, 0) : (128, 129)
    guard message.count >= 8, message.first == request, message.dropFirst().first == 0 else { return nil }
    var bytes = concatenated([reply, 0, 0, 0], Array(message.dropFirst(4)))
    if let name = ProbeName.find(in: bytes) {
      bytes += ProbeAnswer(source: Endpoint(address: source, port: 0), name: name).line.utf8
    }
    // The kernel writes ICMPv6's checksum, which covers addresses.
    if source.isIPv4 { bytes.replaceSubrange(2..<4, with: networkOrder(InternetChecksum.of(bytes))) }
    return bytes
  }
}
