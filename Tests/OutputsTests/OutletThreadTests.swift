import Dispatch
import Policy
import Testing

@testable import Outputs

/// Outlets that take as long as a test allows.
@Suite struct OutletThreadTests {
  private struct Gate: AlertOutlet {
    let name = "gate"
    let isOpen: DispatchSemaphore
    let wasReached = DispatchSemaphore(value: 0)

    func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
      wasReached.signal()
      isOpen.wait()
      if alert.reason == "fails" { throw DeliveryFailure("refused") }
    }
  }

  @Test func `refuses alerts that do not fit, and reports the fate of all`() {
    let gate = DispatchSemaphore(value: 0)
    let said = Diagnostics()
    let outlet = Gate(isOpen: gate)
    let thread = OutletThread(outlet, capacity: 3, say: said.say)
    thread.post(alert(1))
    #expect(outlet.wasReached.wait(timeout: .now() + 10) == .success)
    for number in 2...4 { #expect(thread.post(alert(number, reason: "fails"))) }
    #expect(!thread.post(alert(5)))
    for _ in 1...4 { gate.signal() }
    let report = Outbox([thread]).finish(within: .seconds(10))[0]
    #expect(
      report.description == "gate: 1 delivered, 4 not delivered (3 failed, 1 refused because too many waited): refused")
    #expect(said.all == ["gate: an alert was not delivered: refused (said once; the rest is counted)"])
  }

  @Test func `mild alerts take no room of worse ones, and refusals are counted by severity`() {
    let gate = DispatchSemaphore(value: 0)
    let outlet = Gate(isOpen: gate)
    let thread = OutletThread(outlet, capacity: 3) { _ in }
    thread.post(alert(0, .info))
    #expect(outlet.wasReached.wait(timeout: .now() + 10) == .success)
    for number in 1...9 { thread.post(alert(number, .info)) }
    #expect(thread.post(alert(10, .critical)))
    for _ in 0..<5 { gate.signal() }
    let report = Outbox([thread]).finish(within: .seconds(10))[0]
    #expect(report.delivered == 5)
    #expect(report.refusalText == "; refused: 6 info")
  }

  @Test func `abandons an outlet that hangs, and counts its alerts as waiting`() {
    let gate = DispatchSemaphore(value: 0)
    let thread = OutletThread(Gate(isOpen: gate), capacity: 3) { _ in }
    for number in 1...3 { thread.post(alert(number)) }
    let start = ContinuousClock.now
    let report = Outbox([thread]).finish(within: .milliseconds(100))[0]
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(report.description == "gate: 0 delivered, 3 not delivered (3 still waiting at the end)")
    gate.signal()
  }

  @Test func `reports in one line`() {
    var report = OutletReport(
      name: "webhook https://ntfy.sh", delivered: 3, failed: 12, refused: 0, waiting: 0, latestFailure: "HTTP 503")
    #expect(report.description == "webhook https://ntfy.sh: 3 delivered, 12 not delivered: HTTP 503")
    report.refused = 1200
    #expect(
      report.description
        == "webhook https://ntfy.sh: 3 delivered, 1,212 not delivered (12 failed, 1,200 refused because too many waited): HTTP 503"
    )
    report = OutletReport(name: "command", delivered: 7, failed: 0, refused: 0, waiting: 0, latestFailure: nil)
    #expect(report.description == "command: 7 delivered")
  }
}
