/// One HTTP request and its limits.
package struct HTTPRequest: Sendable {
  package var method = "GET"
  package var address: String
  package var fields: [(name: String, value: String)] = []
  package var body: [UInt8]?
  /// A unix socket to connect to instead of the address's host.
  package var socketPath: String?
  /// A connected, non-blocking socket to use instead of connecting. The request owns it, and sends no fields or body.
  package var connection: Int32?
  /// The time limit for resolving the name, connecting and TLS.
  package var connectLimit = Duration.seconds(5)
  /// The time limit for the whole request. Nil for a stream without an end.
  package var limit: Duration? = .seconds(10)
  /// The longest body that is accepted, in bytes. A longer one is an error.
  package var bodyLimit = 16 << 20
  /// Whether a proxy named in the environment may be used.
  package var allowsProxy = true

  package init(_ address: String) { self.address = address }
}

package struct HTTPReply: Sendable {
  package var status: Int
  /// The Retry-After field (RFC 9110 section 10.2.3) as received.
  package var retryAfter: String?
  package var body: [UInt8]
}

/// Why there was no reply, in the words of libcurl, the system or this module. It never contains the address, which may
/// hold secrets.
package struct TransferError: Error, Hashable, Sendable {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}
