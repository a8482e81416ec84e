import Glibc
import Wire

extension OpenAttempt {
  /// A datagram whose UDP header is made here. The answer comes to a usual socket with the same port, which also keeps the
  /// kernel from refusing it.
  func startRaw() throws(SocketFailure) {
    guard let sender = try open(.raw(Int32(IPPROTO_UDP))), let socket = try open(.datagram) else { return }
    self.socket = socket
    try socket.bind(destination.address.family.wildcard(0))
    guard let own = socket.own else { throw SocketFailure(EINVAL) }
    source = own
    let payload = probe.message.bytes(name, isStream: false)
    // RFC 768; over IPv4 a checksum of 0 means that there is none.
    let header = concatenated(
      networkOrder(own.port), networkOrder(destination.port), networkOrder(UInt16(payload.count + 8)), [0, 0])
    try sender.send(header + payload, to: Endpoint(address: destination.address, port: 0).end)
  }
}
