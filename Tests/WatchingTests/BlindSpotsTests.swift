import Audit
import Report
import Testing
import Wire

@testable import Watching

@Suite final class BlindSpotsTests {
  private var spots = BlindSpots(start: second(0))

  /// What is told, as `kind: text`.
  private func told(
    _ gaps: [Gap] = [], dropped: UInt64 = 0, lostFeed: String? = nil, at now: Double
  ) -> [String] {
    spots.changes(gaps, dropped: dropped, lostFeed: lostFeed, at: second(now)).map { "\($0.kind): \($0.text)" }
  }

  private static let gone = Gap("br-stack is gone", .absent, do: "bring it back")
  private static let silent = Gap("eth0 delivered no frame", .unheard, do: "check it")

  @Test func `what is gone is told once, and again when it is over`() {
    #expect(told([Self.gone], at: 1) == ["blind: br-stack is gone. Do: bring it back"])
    #expect(told([Self.gone], at: 2).isEmpty)
    #expect(told(at: 4.5) == ["seeing: again after 3.5 s (br-stack is gone)"])
    #expect(told(at: 5).isEmpty)
    #expect(told([Self.gone], at: 6) == ["blind: br-stack is gone. Do: bring it back"])
  }

  @Test func `silence is told when the stack had a minute to start`() {
    #expect(told([Self.silent], at: 59.9).isEmpty)
    #expect(told([Self.silent], at: 60) == ["blind: eth0 delivered no frame. Do: check it"])
  }

  @Test func `what was missed once and is seen now is no blind spot`() {
    #expect(told([Gap("br-stack vanished once and came back", .lost, do: "see the timeline")], at: 100).isEmpty)
  }

  @Test func `drops within a minute are one event`() {
    let blind =
      "blind: the kernel drops frames, because the capture's buffer is full. Do: use a larger --buffer, or give the "
      + "audit more CPU time"
    #expect(told(dropped: 3, at: 1) == [blind])
    #expect(told(dropped: 3, at: 40).isEmpty)
    #expect(told(dropped: 9, at: 50).isEmpty)
    #expect(told(dropped: 9, at: 109).isEmpty)
    #expect(
      told(dropped: 9, at: 110) == [
        "seeing: again after 1 min 49 s (the kernel drops frames, because the capture's buffer is full)"
      ])
    // A counter that falls shows nothing new.
    #expect(told(dropped: 2, at: 111).isEmpty)
    #expect(told(dropped: 9, at: 112).isEmpty)
    #expect(told(dropped: 10, at: 113) == [blind])
  }

  @Test func `a lost engine is one spot, whatever it last said`() {
    #expect(
      told(lostFeed: "Docker's engine is lost: closed", at: 1) == [
        "blind: Docker's engine is lost: closed. Do: check Docker's engine; until then, alerts show addresses in place "
          + "of names"
      ])
    #expect(told(lostFeed: "Docker's engine is no longer followed", at: 2).isEmpty)
    #expect(told(at: 3) == ["seeing: again after 2.0 s (Docker's engine is lost: closed)"])
  }

  @Test func `what is over is told before what begins`() {
    _ = told([Self.gone], at: 1)
    #expect(
      told(lostFeed: "lost", at: 2).map { $0.prefix { $0 != ":" } } == ["seeing", "blind"])
  }
}
