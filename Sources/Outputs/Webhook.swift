import Foundation
import Text

/// A web service that gets each alert by a POST. Temporary failures are retried, with longer and longer waits.
package struct Webhook: ~Copyable, AlertOutlet {
  private static var connectLimit: Duration { .seconds(5) }
  /// A try with less time than this is pointless.
  private static var shortestLimit: Duration { .milliseconds(50) }
  /// If a service asks for a longer pause, its alerts are counted as lost instead.
  private static var longestPause: Duration { .seconds(300) }

  /// Scheme and host only: often nothing but the rest of the address protects the service.
  package let name: String
  private let address: String
  private let format: WebhookFormat
  /// What the service demands besides, such as a token.
  private let fields: [(name: String, value: String)]
  private let page: String?
  private let backoff: Backoff
  private let limit: Duration
  package var actsOnAlerts: Bool { true }
  package let grouping: PushGroups?
  private let send: WebhookPost.Sender
  private var random = SystemRandomNumberGenerator()
  /// The service asked for no calls before `end`.
  private var pause: (reason: String, end: ContinuousClock.Instant)?

  /// - Parameters:
  ///   - fields: further header fields of each request; no diagnostic shows them.
  ///   - page: the live page's address, which people get with each push.
  ///   - leakEnd: a leak has ended after this long without an alert; for formats that people read.
  ///   - limit: for one try, from connecting to the last byte of the answer.
  ///   - send: makes the POST.
  package init(
    _ address: String, format: WebhookFormat = .json, fields: [(name: String, value: String)] = [],
    backoff: Backoff = Backoff(), limit: Duration = .seconds(10),
    leakEnd: Duration = .seconds(300), page: String? = nil,
    send: @escaping WebhookPost.Sender = WebhookPost.transfer
  ) throws(DeliveryFailure) {
    guard let parts = URLComponents(string: address, encodingInvalidCharacters: false),
      let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
      let host = parts.host, !host.isEmpty
    else { throw DeliveryFailure("webhook: an address must begin with https:// or http:// and have a host") }
    name = Formatting.safe("webhook \(scheme)://\(host)")
    self.address = format.address(address)
    self.format = format
    self.fields = fields
    self.page = page
    grouping = format == .json ? nil : PushGroups(endAfter: leakEnd)
    self.backoff = backoff
    self.limit = limit
    self.send = send
  }

  package mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    let message = try format.message(alert, page: page)
    if let pause { try wait(until: pause.end, ending, pause.reason) }
    var failed = 0
    var latest = "no time was left"
    while true {
      // Some HTTP libraries take a limit of zero as no limit.
      guard ending.limit(limit) >= Self.shortestLimit else { throw DeliveryFailure(latest) }
      let wasEnding = ending.deadline != nil
      switch post(message, ending) {
      case .delivered: return
      case .refused(let reason): throw DeliveryFailure(reason)
      case .failed(let reason, let asked):
        failed += 1
        latest = reason
        if let asked, asked > .zero { pause = (reason, .now + asked) }
        guard failed < backoff.tries else { throw DeliveryFailure(reason) }
        if let pause, pause.end > .now {
          try wait(until: pause.end, ending, pause.reason)
          continue
        }
        if ending.wait(until: .now + backoff.wait(after: failed, using: &random)) { continue }
        // The program ends before the wait does. An alert that was already being delivered when this became known gets
        // a last try.
        guard !wasEnding else { throw DeliveryFailure(reason) }
        failed = backoff.tries - 1
      }
    }
  }

  private func post(_ message: WebhookFormat.Message, _ ending: Ending) -> WebhookAttempt {
    let limit = max(ending.limit(limit), Self.shortestLimit)
    let post = WebhookPost(
      address: address, fields: message.fields + fields, body: message.body,
      connectLimit: min(limit, Self.connectLimit), limit: limit)
    switch send(post) {
    case .answered(let status, let retryAfter): return WebhookAttempt(status: status, retryAfter: retryAfter, format)
    case .none(let reason): return .failed(reason: Formatting.safe(reason), pause: nil)
    }
  }

  /// Waits for the end of a pause that the service asked for.
  private func wait(
    until end: ContinuousClock.Instant, _ ending: Ending, _ reason: String
  ) throws(DeliveryFailure) {
    let left = end - .now
    guard left < Self.longestPause else { throw DeliveryFailure("\(reason); it asks for a pause of \(left.text)") }
    guard ending.wait(until: end) else { throw DeliveryFailure("\(reason); it asked for a pause of \(left.text)") }
  }
}
