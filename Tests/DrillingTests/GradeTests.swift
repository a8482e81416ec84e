import Audit
import Policy
import Summaries
import Testing
import Text

@testable import Drilling

struct GradeTests {
  private static let silent = (packets: 10, silent: Duration.seconds(3))
  private static let never = (packets: 10, silent: Duration.zero)

  private func result(leaks: Int = 0, tried: Int = 40, through: Int = 10) -> ScenarioResult {
    var result = ScenarioResult(.baseline, round: 1)
    result.attempts.tried = tried
    result.attempts.through = through
    for _ in 0..<leaks {
      result.leaks.append(
        ScenarioResult.Leak(
          reason: "dns", severity: "high", title: "", interface: "br0", destination: "198.51.100.53", port: 53,
          protocol: "udp", probe: "dns-udp-public", frames: 4, packets: 2, fate: "escaped", first: "", last: "",
          milliseconds: 1500))
    }
    return result
  }

  private func grade(
    _ result: ScenarioResult, _ ending: Scenario.Ending = .well, _ exercise: Scenario.Exercise = .noTunnel(.seconds(2)),
    _ sums: (packets: Int, silent: Duration) = silent, meanwhile: Int = 20, missing: [String] = []
  ) -> ScenarioResult.Grade {
    var result = result
    result.attemptsWithoutTunnel = meanwhile
    result.judge(ending, exercise, sums, on: .twin, limits: missing)
    if result.grade == .incomplete { #expect(!result.reasons.isEmpty) }
    return result.grade
  }

  @Test func `a scenario holds only if the tunnel was away, attempts were made, and all was seen`() {
    #expect(grade(result()) == .holds)
    #expect(grade(result(), .well, .noTunnel(.seconds(2)), Self.never) == .incomplete)
    #expect(grade(result(tried: 0, through: 0)) == .incomplete)
    #expect(grade(result(), meanwhile: 0) == .incomplete)
    #expect(grade(result(), .well, .noTunnel(.milliseconds(700)), meanwhile: 0) == .holds)
    #expect(grade(result(), missing: ["the kernel dropped 3 frames"]) == .incomplete)
    #expect(grade(result(), .notDone("wg-quick refused")) == .incomplete)
    #expect(grade(result(through: 0), .well, .tunnel) == .incomplete)
    #expect(grade(result(), .well, .tunnel) == .holds)
  }

  @Test func `a leak counts, whatever else was not seen`() {
    #expect(grade(result(leaks: 1)) == .leaks)
    #expect(grade(result(leaks: 1), .notDone("it stopped")) == .leaks)
    #expect(grade(result(leaks: 1), .doesNotApply("no such thing")) == .leaks)
    #expect(grade(result(leaks: 1), missing: ["frames were lost"]) == .leaks)
  }

  @Test func `what a stack has not is not graded`() {
    #expect(grade(result(), .doesNotApply("no wg-quick")) == .doesNotApply)
  }

  @Test func `the control must leak`() {
    #expect(grade(result(leaks: 1), .well, .leaks) == .leakSeen)
    #expect(grade(result(), .well, .leaks) == .incomplete)
  }

  @Test func `an answer from outside that the wire did not show is said`() {
    var odd = result()
    odd.attempts.around = 1
    #expect(grade(odd) == .incomplete)
  }
}

extension GradeTests {
  @Test func `a gap in the tunnel's counters says nothing if the kernel lost no frame`() throws {
    var json = try JSON.pretty(Summary(Auditor(TunnelPolicy(), seed: 1).summary(ConclusionRules())))
    json = json.replacing("\"schema\"", with: "\"capture\": {\"received\": 9, \"droppedByKernel\": 0}, \"schema\"")
    var summary = try Summary(json: json)
    summary.incomplete = ["br0: 7 tunnel packets were missed (their counters have gaps)", "eth0 delivered no frame"]
    // Of an interface that the summary has not, nothing is known.
    #expect(ScenarioResult.limits(of: summary) == summary.incomplete)
  }
}
