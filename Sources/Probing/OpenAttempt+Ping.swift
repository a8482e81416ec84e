import CLinux
import Glibc
import Wire

extension OpenAttempt {
  /// An echo request: from a ping socket, which needs no privilege where net.ipv4.ping_group_range has the group, else
  /// from a raw one.
  func startPing() throws(SocketFailure) {
    let isIPv4 = probe.transport == .icmp
    let number = isIPv4 ? Int32(IPPROTO_ICMP) : Int32(IPPROTO_ICMPV6)
    var isRaw = false
    let socket: OpenSocket
    do throws(SocketFailure) { socket = try OpenSocket(destination.address.family, .ping) } catch {
      guard !error.isShortage else { throw error }
      guard let raw = try open(.raw(number)) else { return }
      socket = raw
      isRaw = true
    }
    self.socket = socket
    try socket.askForErrors(destination.address.family)
    try socket.connect(destination.end)
    source = socket.own
    // RFC 792, RFC 4443 section 4.1. A ping socket writes identifier and checksum itself.
    var message = concatenated(
      [isIPv4 ? 8 : 128, 0, 0, 0], networkOrder(ProbeMessage.identifier(name)), [0, 1],
      probe.message.bytes(name, isStream: false))
    if isRaw, isIPv4 { message.replaceSubrange(2..<4, with: networkOrder(InternetChecksum.of(message))) }
    _ = try socket.send(message)
  }

  /// Whether bytes of a ping or raw socket are the echo of this attempt. A raw IPv4 socket gives the IP header, too.
  func judgePing(_ bytes: [UInt8]) -> Fate? { ProbeName.find(in: bytes) == name ? .answered : nil }
}

/// RFC 1071.
enum InternetChecksum {
  static func of(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() { sum &+= UInt32(byte) << (index.isMultiple(of: 2) ? 8 : 0) }
    while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
    return ~UInt16(sum)
  }
}
