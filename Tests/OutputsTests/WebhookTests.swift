import Foundation
import Outputs
import TestNeeds
import TestSupport
import Testing

@Suite(.needs(.python)) struct WebhookTests {
  private let server: WebhookServer
  private let quick = Backoff(first: .milliseconds(1), longest: .milliseconds(5), tries: 3)

  init() throws { server = try WebhookServer() }

  @Test func `delivers the alert's JSON`() throws {
    var webhook = try Webhook(server.address("ok/path?token=secret"), backoff: quick)
    for number in 0..<2 { #expect(failure(&webhook, alert(number)) == nil) }
    let requests = try server.requests("ok")
    #expect(requests.map(\.body) == (0..<2).map { alert($0).json })
    #expect(requests.map(\.path) == ["/ok/path?token=secret", "/ok/path?token=secret"])
    #expect(requests.allSatisfy { $0.fields["content-type"] == "application/json" })
  }

  @Test(arguments: ["flaky", "closes"]) func `retries temporary failures`(path: String) throws {
    var webhook = try Webhook(server.address(path), backoff: quick)
    #expect(failure(&webhook, alert()) == nil)
    #expect(try server.requests(path).map(\.body) == [alert().json, alert().json])
  }

  @Test(arguments: ["limited", "dated"]) func `retries when the service says, not before`(path: String) throws {
    var webhook = try Webhook(server.address(path), backoff: quick)
    #expect(failure(&webhook, alert()) == nil)
    let times = try server.requests(path).map(\.time)
    try #require(times.count == 2)
    // A date has whole seconds, so two of them are at least one.
    #expect(times[1] - times[0] >= 0.95 && times[1] - times[0] < 5)
  }

  @Test func `does not wait a day for a service, and stops asking it`() throws {
    var webhook = try Webhook(server.address("exhausted"), backoff: quick)
    for _ in 0..<3 { #expect(failure(&webhook, alert())?.hasPrefix("HTTP 429") == true) }
    #expect(try server.requests("exhausted").count == 1)
  }

  @Test(arguments: [("missing", "HTTP 404"), ("moved", "HTTP 302, a redirect, which is not followed")])
  func `does not retry a refusal, and follows no redirect`(path: String, reason: String) throws {
    var webhook = try Webhook(server.address(path), backoff: quick)
    #expect(failure(&webhook, alert()) == reason)
    #expect(try server.requests(path).count == 1)
    #expect(try server.requests("ok").isEmpty)
  }

  @Test func `gives up after a number of tries`() throws {
    var webhook = try Webhook(server.address("broken"), backoff: quick)
    #expect(failure(&webhook, alert()) == "HTTP 503")
    #expect(try server.requests("broken").count == 3)
  }

  @Test func `gives up on a service that does not answer`() throws {
    var webhook = try Webhook(
      server.address("silent"), backoff: Backoff(first: .milliseconds(1), tries: 2), limit: .seconds(1))
    let start = ContinuousClock.now
    #expect(failure(&webhook, alert()) != nil)
    #expect(ContinuousClock.now - start >= .seconds(2) && ContinuousClock.now - start < .seconds(10))
    #expect(try server.requests("silent").count == 2)
  }

  @Test func `does not begin a request that cannot end in time`() throws {
    var webhook = try Webhook(server.address("ok"), backoff: quick)
    let ending = Ending()
    ending.set(.now)
    #expect(failure(&webhook, alert(), ending) == "no time was left")
    #expect(try server.requests("ok").isEmpty)
  }

  @Test func `neither its name nor its failures show the address`() throws {
    let webhook = try Webhook("https://user:secret@hooks.example.org:8443/services/secret?token=secret")
    #expect(webhook.name == "webhook https://hooks.example.org")
    // Nothing listens on port 1.
    var absent = try Webhook("http://user:secret@127.0.0.1:1/secret?token=secret", backoff: quick)
    let reason = try #require(failure(&absent, alert()))
    #expect(!reason.contains("secret") && !reason.isEmpty, "\(reason)")
    for address in ["ftp://secret.example/", "secret", "https:///secret", "http://secret example/"] {
      do throws(DeliveryFailure) {
        _ = try Webhook(address)
        Issue.record("\(address) is no address of a webhook")
      } catch { #expect(!error.reason.contains("secret"), "\(error.reason)") }
    }
  }

  @Test func `a service that never answers delays neither the alerts' source nor another outlet`() throws {
    let directory = try TemporaryDirectory()
    let outbox = Outbox([
      OutletThread(try Webhook(server.address("silent")), capacity: 100) { _ in },
      OutletThread(try AlertFile(path: directory.path("alerts")), capacity: 1000) { _ in },
    ])
    outbox.post(alert(0))
    #expect(try waits { try server.requests("silent").count == 1 })
    let start = ContinuousClock.now
    for number in 1..<1000 { outbox.post(alert(number)) }
    let took = ContinuousClock.now - start
    #expect(took < .milliseconds(100), "\(took / 999) for each alert")
    #expect(waits { outbox.outlets[1].report.delivered == 1000 })
    let end = ContinuousClock.now
    let reports = outbox.finish(within: .milliseconds(200))
    #expect(ContinuousClock.now - end < .seconds(2))
    #expect(
      reports[0].description.hasPrefix(
        "webhook http://127.0.0.1: 0 delivered, 1,000 not delivered (899 refused because too many waited, 101 still waiting"
      ), "\(reports[0])")
    #expect(directory.lines("alerts") == (0..<1000).map { alert($0).json })
  }

  @Test func `the end cuts the wait short for one last try`() throws {
    let thread = OutletThread(
      try Webhook(server.address("flaky"), backoff: Backoff(first: .seconds(600), longest: .seconds(600)))
    ) { _ in }
    thread.post(alert())
    #expect(try waits { try server.requests("flaky").count == 1 })
    let report = Outbox([thread]).finish(within: .seconds(10))[0]
    #expect(report.description == "webhook http://127.0.0.1: 1 delivered")
  }

  @Test func `after the end nothing waits for a service that fails`() throws {
    let thread = OutletThread(try Webhook(server.address("broken"), backoff: Backoff(first: .seconds(600)))) { _ in }
    for number in 0..<5 { thread.post(alert(number)) }
    let start = ContinuousClock.now
    let report = Outbox([thread]).finish(within: .seconds(10))[0]
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(report.description == "webhook http://127.0.0.1: 0 delivered, 5 not delivered: HTTP 503")
  }
}
