import CLinux
import Glibc
package import Wire

/// A listening TCP socket, opened while the program still has the privilege.
///
/// `unsafe` because getaddrinfo(3) returns addresses. Sound: the list is freed once, after its last use.
package struct ListeningSocket: ~Copyable, Sendable {
  package let number: Int32
  /// Where it listens; if port 0 was requested, with the port that the kernel chose.
  package let endpoint: Endpoint

  package init(_ endpoint: Endpoint) throws(ListeningFailure) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo("\(endpoint.address)", "\(endpoint.port)", &hints, &found) == 0,
      let first = unsafe found
    else { throw ListeningFailure(code: EADDRNOTAVAIL) }
    defer { unsafe freeaddrinfo(first) }
    let address = unsafe first.pointee
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = unsafe socket(address.ai_family, kind, 0)
    guard number >= 0 else { throw ListeningFailure(code: errno) }
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, size)
    // An IPv6 socket leaves the same IPv4 port alone; who uses that is decided elsewhere.
    if !endpoint.address.isIPv4 { unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, size) }
    guard unsafe bind(number, address.ai_addr, address.ai_addrlen) == 0, listen(number, 64) == 0 else {
      let code = errno
      close(number)
      throw ListeningFailure(code: code)
    }
    self.number = number
    self.endpoint = SocketAddress.local(of: number) ?? endpoint
  }

  deinit { close(number) }

  /// The next connection, if there is one. Throws if the system has no room for it.
  func accept() throws(ListeningFailure) -> Int32? {
    let number = linux_accept(self.number)
    if number >= 0 { return number }
    switch errno {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: throw ListeningFailure(code: errno)
    // The peer has gone meanwhile, or only its network has a problem (accept(2)).
    default: return nil
    }
  }
}

/// Why a socket cannot listen.
package struct ListeningFailure: Error, CustomStringConvertible {
  package let code: Int32

  package var description: String { unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)" }
}
