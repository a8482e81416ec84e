import Foundation
import Outputs
import Policy
import TestNeeds
import TestSupport
import Testing

@Suite(.needs(.python)) struct WebhookFormatTests {
  private let server: WebhookServer

  init() throws { server = try WebhookServer() }

  /// What a service gets for an alert.
  private func post(_ alert: RenderedAlert, as format: WebhookFormat, to path: String = "ok") throws
    -> WebhookServer
    .Request
  {
    var webhook = try Webhook(server.address(path), format: format, backoff: Backoff(tries: 1))
    #expect(failure(&webhook, alert) == nil)
    return try #require(server.requests("").last)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: zip(Severity.allCases, ["1", "2", "3", "4", "5"]))
  func `ntfy gets the text as body, the rest in header fields`(severity: Severity, priority: String) throws {
    let request = try post(alert(1, severity), as: .ntfy)
    #expect(request.body == alert().text)
    #expect(request.fields["title"] == alert().title)
    #expect(request.fields["priority"] == priority)
    #expect(request.fields["tags"]?.split(separator: ",").last == "dns")
    #expect(request.fields["content-type"] == "text/plain; charset=utf-8")
  }

  @Test func `a push links to the live page in each service's way`() throws {
    let page = "https://audit.example.org/live?a=1&b=2"
    func pushed(_ format: WebhookFormat, _ alert: RenderedAlert = alert()) throws -> WebhookServer.Request {
      var webhook = try Webhook(server.address("ok"), format: format, backoff: Backoff(tries: 1), page: page)
      #expect(failure(&webhook, alert) == nil)
      return try #require(server.requests("").last)
    }
    #expect(try pushed(.ntfy).fields["click"] == page)
    let extras = try object(pushed(.gotify).body)["extras"] as? [String: [String: [String: String]]]
    #expect(extras?["client::notification"]?["click"]?["url"] == page)
    let slack = try object(pushed(.slack).body)["text"] as? String
    #expect(slack?.hasSuffix("\n<https://audit.example.org/live?a=1&amp;b=2|Live page>") == true)
    var long = alert()
    long.text = String(repeating: "🦊", count: 2000)
    let discord = try #require(try object(pushed(.discord, long).body)["content"] as? String)
    #expect(discord.hasSuffix("\n\(page)") && discord.utf16.count <= 2000 && discord.utf16.count > 1990)
    #expect(try object(pushed(.apprise).body)["body"] as? String == "\(alert().text)\n\(page)")
    #expect(try pushed(.json).body == alert().json)
    #expect(try post(alert(), as: .ntfy).fields["click"] == nil)
    #expect(try object(post(alert(), as: .gotify).body)["extras"] == nil)
  }

  @Test func `titles and reasons cannot add header fields`() throws {
    var hostile = alert(1, .high, reason: "dns,\r\nX-Reason: 1")
    hostile.title = "line\r\nX-Title: 1\u{0}"
    let request = try post(hostile, as: .ntfy)
    #expect(request.fields["x-title"] == nil && request.fields["x-reason"] == nil)
    #expect(request.title == hostile.title)
    #expect(request.fields["tags"] == "rotating_light,dnsX-Reason1")
  }

  @Test func `ntfy's title comes back whole from its encoded words`() throws {
    var foreign = alert()
    foreign.title = String(repeating: "Überprüfung ✓ 🦊 ", count: 6) + "x"
    let request = try post(foreign, as: .ntfy)
    #expect(request.title == foreign.title)
    let words = try #require(request.fields["title"]).split(separator: " ")
    #expect(words.count > 1 && words.allSatisfy { $0.count <= 75 })
  }

  @Test func `ntfy's body never becomes an attachment`() throws {
    var long = alert()
    long.text = String(repeating: "é", count: 5000)
    #expect(try post(long, as: .ntfy).body == String(repeating: "é", count: 2048))
  }

  @Test(arguments: zip(Severity.allCases, [1, 3, 5, 8, 10]))
  func `gotify gets its message at /message`(severity: Severity, priority: Int) throws {
    let request = try post(alert(1, severity), as: .gotify, to: "sub?token=secret")
    #expect(request.path == "/sub/message?token=secret")
    #expect(request.fields["content-type"] == "application/json")
    let message = try object(request.body)
    #expect(message["title"] as? String == alert().title)
    #expect(message["message"] as? String == alert().text)
    #expect(message["priority"] as? Int == priority)
    #expect(try post(alert(), as: .gotify, to: "message?token=secret").path == "/message?token=secret")
  }

  @Test func `slack's markup is taken out of names`() throws {
    var hostile = alert()
    hostile.text = "<!channel> a & b"
    let message = try object(post(hostile, as: .slack).body)
    #expect(message["text"] as? String == "leakaudit: dns leak\n&lt;!channel&gt; a &amp; b")
    #expect(message.count == 1)
  }

  @Test(arguments: zip(Severity.allCases, ["info", "warning", "warning", "failure", "failure"]))
  func `apprise gets title, text and a type of its own`(severity: Severity, type: String) throws {
    let message = try object(post(alert(1, severity), as: .apprise, to: "notify/key").body)
    #expect(
      message as? [String: String] == [
        "title": alert().title, "body": alert().text, "type": type, "format": "text",
      ])
  }

  /// apprise-api says so where nothing is configured under the key: nobody was told.
  @Test func `an apprise that has nobody to notify has accepted nothing`() throws {
    var webhook = try Webhook(server.address("nobody"), format: .apprise, backoff: Backoff(tries: 3))
    #expect(failure(&webhook, alert())?.hasPrefix("HTTP 204") == true)
    #expect(try server.requests("nobody").count == 1)
    var other = try Webhook(server.address("nobody"), backoff: Backoff(tries: 3))
    #expect(failure(&other, alert()) == nil)
  }

  @Test func `discord's content is short enough and calls nobody`() throws {
    var long = alert()
    long.text = "@everyone " + String(repeating: "🦊", count: 3000)
    let message = try object(post(long, as: .discord).body)
    let content = try #require(message["content"] as? String)
    #expect(content.utf16.count <= 2000 && content.utf16.count > 1990)
    #expect(content.hasSuffix("🦊"))
    #expect((message["allowed_mentions"] as? [String: [String]]) == ["parse": []])
  }

  @Test func `waits twice as long each time, with jitter, up to a limit`() {
    var random = SeededGenerator()
    let backoff = Backoff()
    for (failed, seconds) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1000, 60)] {
      let waits = (0..<100).map { _ in backoff.wait(after: failed, using: &random) }
      #expect(waits.allSatisfy { $0 >= .seconds(seconds) / 2 && $0 <= .seconds(seconds) }, "seed \(random.seed)")
      #expect(Set(waits).count > 50, "seed \(random.seed)")
    }
  }
}
