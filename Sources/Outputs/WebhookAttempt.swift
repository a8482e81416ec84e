import Foundation

/// The outcome of one try of a webhook.
enum WebhookAttempt {
  case delivered
  /// Another try would end the same way.
  case refused(reason: String)
  /// Another try may succeed; `pause` is how long the service wants to be left alone, if it said so.
  case failed(reason: String, pause: Duration?)

  /// The outcome that the service's answer means (RFC 9110 section 15).
  init(status: Int, retryAfter: String?, _ format: WebhookFormat = .json) {
    switch status {
    // apprise-api has nobody to notify: nothing is configured under the key, or no service has the tag.
    case 204 where format == .apprise: self = .refused(reason: "HTTP 204, nobody to notify under this key")
    case 200...299: self = .delivered
    case 408, 429, 500...599:
      self = .failed(reason: "HTTP \(status)", pause: retryAfter.flatMap { Self.pause($0, now: Date()) })
    case 300...399: self = .refused(reason: "HTTP \(status), a redirect, which is not followed")
    default: self = .refused(reason: "HTTP \(status)")
    }
  }

  /// The pause in Retry-After: seconds or a date (RFC 9110 section 10.2.3). Nil for anything else.
  static func pause(_ retryAfter: String, now: Date) -> Duration? {
    let text = retryAfter.trimmingCharacters(in: .whitespaces)
    if let seconds = UInt32(text) { return .seconds(seconds) }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    guard let date = format.date(from: text) else { return nil }
    return .seconds(min(max(0, date.timeIntervalSince(now)), Double(UInt32.max)))
  }
}
