/// One POST, made by any HTTP library without following redirects and within the limits.
package struct WebhookPost: Sendable {
  /// The whole URL with its secrets; no diagnostic shows it.
  package var address: String
  package var fields: [(name: String, value: String)]
  package var body: [UInt8]
  /// The limit for resolving the name, connecting and TLS.
  package var connectLimit: Duration
  /// The limit from beginning to end.
  package var limit: Duration

  package enum Reply: Sendable {
    /// An answer, with the Retry-After field as it came.
    case answered(status: Int, retryAfter: String?)
    /// No answer; the reason does not show the address.
    case none(reason: String)
  }

  /// Makes the POST on the calling thread.
  package typealias Sender = @Sendable (WebhookPost) -> Reply
}
