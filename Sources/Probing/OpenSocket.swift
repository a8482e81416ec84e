import CGNU
import CLinux
import Glibc
import Wire

/// A socket that never waits and is closed with its value.
///
/// `unsafe` because system calls take addresses. Sound: the arrays and variables outlive the calls, and have the stated
/// lengths.
final class OpenSocket {
  let number: Int32

  enum Kind {
    case stream, datagram, ping
    /// With the number of a protocol.
    case raw(Int32)
    /// Only to send packets to an interface.
    case packet
  }

  init(_ family: IPAddress.Family, _ kind: Kind) throws(SocketFailure) {
    let type: __socket_type
    let transport: Int
    switch kind {
    case .stream: (type, transport) = (SOCK_STREAM, 0)
    case .datagram: (type, transport) = (SOCK_DGRAM, 0)
    case .ping: (type, transport) = (SOCK_DGRAM, family == .ipv4 ? Int(IPPROTO_ICMP) : Int(IPPROTO_ICMPV6))
    case .raw(let number): (type, transport) = (SOCK_RAW, Int(number))
    case .packet:
      number = linux_open_packet_sender()
      guard number >= 0 else { throw SocketFailure(errno) }
      return
    }
    let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    number = socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(type.rawValue | flags), Int32(transport))
    guard number >= 0 else { throw SocketFailure(errno) }
  }

  /// Takes the ownership of a socket that accept(2) returned.
  init(accepted number: Int32) { self.number = number }

  deinit { if number >= 0 { close(number) } }

  func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(SocketFailure) {
    guard linux_set_option(number, level, option, value) == 0 else { throw SocketFailure(errno) }
  }

  func bindTo(device: String) throws(SocketFailure) {
    guard unsafe linux_bind_to_device(number, device) == 0 else { throw SocketFailure(errno) }
  }

  /// Has a datagram socket tell to which address a datagram went, and lets it answer from there.
  func answerForAll(_ family: IPAddress.Family) throws(SocketFailure) {
    guard linux_answer_for_all(number, family == .ipv4 ? AF_INET : AF_INET6) == 0 else { throw SocketFailure(errno) }
  }

  func bind(_ end: linux_end) throws(SocketFailure) {
    guard linux_bind_end(number, end) == 0 else { throw SocketFailure(errno) }
  }

  /// For a stream, the connection may take until the socket can be written.
  func connect(_ end: linux_end) throws(SocketFailure) {
    guard linux_connect_end(number, end) == 0 || errno == EINPROGRESS else { throw SocketFailure(errno) }
    // An ICMP error that arrives during the call is kept as one that TCP may outlast, and only this tells it.
    try throwPending()
  }

  func throwPending() throws(SocketFailure) {
    let code = linux_pending_error(number)
    guard code == 0 else { throw SocketFailure(code) }
  }

  /// Sends what fits, to the peer. Returns how many bytes that were.
  func send(_ bytes: some Collection<UInt8>) throws(SocketFailure) -> Int {
    let bytes = Array(bytes)
    let count = unsafe Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return count }
    guard errno == EAGAIN || errno == EINTR else { throw SocketFailure(errno) }
    return 0
  }

  /// Sends a datagram; `from` is the source address, and the kernel's choice without a family.
  func send(_ bytes: [UInt8], to end: linux_end, from: linux_end = linux_end()) throws(SocketFailure) {
    guard unsafe linux_send_datagram(number, bytes, UInt(bytes.count), end, from) >= 0 else {
      throw SocketFailure(errno)
    }
  }

  /// Sends an IPv4 packet to a station of an interface's link; the socket is one of kind `packet`.
  func send(_ packet: [UInt8], through interface: UInt32, to station: UInt64) throws(SocketFailure) {
    guard unsafe linux_send_packet(number, interface, station, packet, UInt(packet.count)) >= 0 else {
      throw SocketFailure(errno)
    }
  }

  /// What has arrived, up to `limit` bytes of it. Nil if there is nothing. Empty at a stream's end.
  func receive(limit: Int) throws(SocketFailure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe recv(number, &bytes, limit, 0)
    if count >= 0 { return Array(bytes[..<count]) }
    guard errno == EAGAIN || errno == EINTR else { throw SocketFailure(errno) }
    return nil
  }

  struct Datagram {
    let bytes: [UInt8]
    let from: linux_end
    /// The address that it was sent to; the port is 0.
    let to: linux_end
  }

  /// The next datagram. Nil if there is none.
  func receiveDatagram(limit: Int) -> Datagram? {
    var bytes = [UInt8](repeating: 0, count: limit)
    var from = linux_end()
    var to = linux_end()
    let count = unsafe linux_receive_datagram(number, &bytes, UInt(limit), &from, &to)
    guard count >= 0 else { return nil }
    return Datagram(bytes: Array(bytes[..<count]), from: from, to: to)
  }

  /// Empties the queue of errors that IP_RECVERR fills: while it holds some, poll(2) returns at once. Returns who sent the
  /// last ICMP error; nil if there was none.
  func takeErrorSource() -> IPAddress? {
    var source: IPAddress?
    var isEmpty: Int32 = 0
    while true {
      let end = unsafe linux_take_error_source(number, &isEmpty)
      if isEmpty != 0 { return source }
      source = Endpoint(end)?.address ?? source
    }
  }

  var own: Endpoint? { Endpoint(linux_own_end(number)) }
  var peer: Endpoint? { Endpoint(linux_peer_end(number)) }
}

/// A system call's errno.
struct SocketFailure: Error, Hashable {
  let code: Int32

  init(_ code: Int32) { self.code = code }
}

extension Endpoint {
  /// Nil if there is none.
  init?(_ end: linux_end) {
    switch Int32(end.family) {
    case AF_INET: self.init(address: IPAddress(v4: UInt32(truncatingIfNeeded: end.low)), port: end.port)
    case AF_INET6: self.init(address: IPAddress(v6High: end.high, low: end.low), port: end.port)
    default: return nil
    }
  }

  var end: linux_end { end(scope: 0) }

  /// - Parameter scope: the interface of a link-local address.
  func end(scope: UInt32) -> linux_end {
    linux_end(
      high: address.high, low: address.low, scope: scope, port: port,
      family: UInt16(address.isIPv4 ? AF_INET : AF_INET6))
  }
}

extension IPAddress.Family {
  /// 0.0.0.0 or ::, with a port.
  func wildcard(_ port: UInt16) -> linux_end {
    linux_end(high: 0, low: 0, scope: 0, port: port, family: UInt16(self == .ipv4 ? AF_INET : AF_INET6))
  }
}
