import CLinux
import Glibc
import Wire

/// The addresses of a socket's two ends.
///
/// `unsafe` because system calls take addresses. Sound: the buffers outlive the calls and have the stated lengths.
enum SocketAddress {
  /// The local address of a socket. IPv4 over an IPv6 socket gives the IPv4 address.
  static func local(of number: Int32) -> Endpoint? { unsafe endpoint { unsafe getsockname(number, $0, $1) } }

  /// The remote address of a socket.
  static func peer(of number: Int32) -> Endpoint? { unsafe endpoint { unsafe getpeername(number, $0, $1) } }

  private static func endpoint(
    _ name: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Endpoint? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let isKnown = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe name(address, &length) == 0
          && getnameinfo(
            address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
            NI_NUMERICHOST | NI_NUMERICSERV) == 0
      }
    }
    guard isKnown, let address = IPAddress(text(host).prefix { $0 != "%" }), let port = UInt16(text(port)) else {
      return nil
    }
    return Endpoint(address: address, port: port)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
