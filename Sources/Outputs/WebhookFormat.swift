import Foundation
import Policy
import Text

/// The message format that a webhook's service expects.
package enum WebhookFormat: String, Sendable, CaseIterable {
  /// The alert's JSON as it is.
  case json
  /// https://docs.ntfy.sh/publish/: the text goes to the topic's URL, the rest in headers.
  case ntfy
  /// https://gotify.net/docs/pushmsg: goes to /message, with the application's token in the URL's query.
  case gotify
  /// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; Mattermost and Rocket.Chat accept it,
  /// too.
  case slack
  /// https://docs.discord.com/developers/resources/webhook#execute-webhook.
  case discord
  /// https://github.com/caronc/apprise-api: goes to /notify/KEY, which passes it on to whatever the key stands for.
  case apprise

  /// What is posted for an alert.
  struct Message {
    var body: [UInt8]
    /// Header fields, without characters that HTTP does not allow in them.
    var fields: [(name: String, value: String)]
  }

  /// - Parameter page: a web address that the message shows.
  func message(_ alert: RenderedAlert, page: String? = nil) throws(DeliveryFailure) -> Message {
    let text = "\(alert.title)\n\(alert.text)"
    return switch self {
    case .json: jsonMessage(Array(alert.json.utf8))
    case .ntfy: ntfyMessage(alert, page: page)
    case .gotify:
      try jsonMessage(
        GotifyMessage(
          title: alert.title, message: alert.text, priority: gotifyPriority(alert.severity),
          extras: page.map(GotifyMessage.Extras.init)))
    case .slack:
      try jsonMessage(
        SlackMessage(text: Self.slackText(text) + (page.map { "\n<\(Self.slackText($0))|Live page>" } ?? "")))
    case .discord:
      try jsonMessage(
        DiscordMessage(
          content: Self.discordText(text, room: page.map { $0.utf16.count + 1 } ?? 0) + (page.map { "\n\($0)" } ?? "")))
    case .apprise:
      try jsonMessage(
        AppriseMessage(
          title: alert.title, body: alert.text + (page.map { "\n\($0)" } ?? ""), type: appriseType(alert.severity)))
    }
  }

  /// The URL to post to, for the URL that the user gave.
  func address(_ url: String) -> String {
    guard self == .gotify, var parts = URLComponents(string: url), !parts.path.hasSuffix("/message") else { return url }
    parts.path += parts.path.hasSuffix("/") ? "message" : "/message"
    return parts.string ?? url
  }

  private func jsonMessage(_ document: some Encodable) throws(DeliveryFailure) -> Message {
    guard let line = try? JSON.line(document) else { throw DeliveryFailure("the alert cannot be written as JSON") }
    return jsonMessage(Array(line.utf8.dropLast()))
  }

  private func jsonMessage(_ body: [UInt8]) -> Message {
    Message(body: body, fields: [("Content-Type", "application/json")])
  }
}

/// `message` must not be empty.
private struct GotifyMessage: Encodable {
  let title: String
  let message: String
  let priority: Int
  let extras: Extras?

  /// https://gotify.net/docs/msgextras: the URL that opens when the notification is touched.
  struct Extras: Encodable {
    struct Notification: Encodable {
      struct Click: Encodable { let url: String }

      let click: Click
    }

    let notification: Notification

    init(_ page: String) { notification = Notification(click: .init(url: page)) }

    enum CodingKeys: String, CodingKey { case notification = "client::notification" }
  }
}

private struct AppriseMessage: Encodable {
  let title: String
  let body: String
  let type: String
  /// Names from the wire are no markup.
  let format = "text"
}

private struct SlackMessage: Encodable {
  let text: String
}

private struct DiscordMessage: Encodable {
  struct Mentions: Encodable {
    let parse: [String] = []
  }

  let content: String
  /// No name in an alert may notify anybody, not even `@everyone`.
  let mentions = Mentions()
  /// SUPPRESS_EMBEDS: Discord does not fetch what looks like a link, such as the leaked name.
  let flags = 4

  enum CodingKeys: String, CodingKey {
    case content, flags
    case mentions = "allowed_mentions"
  }
}

extension WebhookFormat {
  /// The priority from 0 to 10: phones make a sound from 8 on, and show the message from 4 on.
  private func gotifyPriority(_ severity: Severity) -> Int {
    switch severity {
    case .critical: 10
    case .high: 8
    case .medium: 5
    case .low: 3
    case .info: 1
    }
  }

  private func appriseType(_ severity: Severity) -> String {
    switch severity {
    case .critical, .high: "failure"
    case .medium, .low: "warning"
    case .info: "info"
    }
  }

  /// Escapes the three characters with a meaning for Slack, so that no name can notify a channel or hide a link. Slack
  /// cuts texts after 40,000 characters and recommends 4,000.
  private static func slackText(_ text: String) -> String {
    text.unicodeScalars.prefix(3500).reduce(into: "") { escaped, scalar in
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }

  /// At most 2000 characters. They are counted in UTF-16 units here; a text never has fewer units than characters.
  private static func discordText(_ text: String, room: Int) -> String {
    var length = 0
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix { scalar in
          length += UTF16.width(scalar)
          return length <= 2000 - room
        }))
  }
}
