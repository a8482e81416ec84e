/// One HTTP request, and the bounds that it must keep.
package struct HTTPRequest: Sendable {
  package var method = "GET"
  package var address: String
  package var fields: [(name: String, value: String)] = []
  package var body: [UInt8]?
  /// A unix socket to connect to instead of the address's host.
  package var socketPath: String?
  /// A connected socket that does not block, to be used instead of connecting: the request takes it over. No fields and no body
  /// go with it.
  package var connection: Int32?
  /// For resolving the name, connecting and TLS.
  package var connectLimit = Duration.seconds(5)
  /// From beginning to end; nil for a stream that has no end.
  package var limit: Duration? = .seconds(10)
  /// The longest body that is taken, in bytes. A longer one is an error.
  package var bodyLimit = 16 << 20
  /// Whether a proxy that the environment names may be used.
  package var allowsProxy = true

  package init(_ address: String) { self.address = address }
}

package struct HTTPReply: Sendable {
  package var status: Int
  /// The Retry-After field (RFC 9110 section 10.2.3) as it came.
  package var retryAfter: String?
  package var body: [UInt8]
}

/// Why there was no reply, in libcurl's words: never with the address, which may hold secrets.
package struct TransferError: Error, Hashable, Sendable {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}
