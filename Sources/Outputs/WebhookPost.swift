/// One POST, as whoever speaks HTTP is to make it: without following redirects, and over within its limits.
package struct WebhookPost: Sendable {
  /// With all its secrets; it is in no diagnostic.
  package var address: String
  package var fields: [(name: String, value: String)]
  package var body: [UInt8]
  /// For resolving the name, connecting and TLS.
  package var connectLimit: Duration
  /// From beginning to end.
  package var limit: Duration

  package enum Reply: Sendable {
    /// With the Retry-After field as it came.
    case answered(status: Int, retryAfter: String?)
    /// No answer; why, without the address.
    case none(reason: String)
  }

  /// Makes the POST, on the thread that calls it.
  package typealias Sender = @Sendable (WebhookPost) -> Reply
}
