import Testing

@testable import Watching

@Suite struct AgendaTests {
  private static let start = ContinuousClock.now

  private static func agenda(duration: Double? = nil, repeatEvery: Double = 60) -> Agenda {
    Agenda(at: start, Watch.Limits(duration: duration, frames: nil, repeatEvery: repeatEvery))
  }

  @Test func `the kernel is asked at once, and sums are told after their pause`() {
    var agenda = Self.agenda(repeatEvery: 2)
    let atStart = (agenda.asksKernel(at: Self.start), agenda.showsStatus(at: Self.start), agenda.sumsUp(at: Self.start))
    #expect(atStart == (true, true, false))
    let sums = [1.9, 2, 3.9, 4].map { agenda.sumsUp(at: Self.start + .seconds($0)) }
    #expect(sums == [false, true, false, true])
  }

  @Test func `what is due happens once, and again after its pause`() {
    var agenda = Self.agenda()
    // A batch under load came late.
    let asks = [7, 7, 7.999, 8].map { agenda.asksKernel(at: Self.start + .seconds($0)) }
    #expect(asks == [true, false, false, true])
  }

  @Test func `an idle watch sleeps no longer than until its end`() {
    var agenda = Self.agenda(duration: 0.1, repeatEvery: 60)
    _ = agenda.showsStatus(at: Self.start)
    #expect(agenda.next == Self.start + .milliseconds(100))
    var endless = Self.agenda(repeatEvery: 0.2)
    _ = endless.showsStatus(at: Self.start)
    #expect(endless.next == Self.start + .milliseconds(200))
    #expect(endless.end > Self.start + .seconds(86_400 * 365))
  }
}
