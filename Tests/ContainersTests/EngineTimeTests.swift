import Testing
import Wire

@testable import Containers

struct EngineTimeTests {
  @Test(
    arguments: [
      (1_700_000_000_000_000_005, "1700000000.000000005"), (0, "0.000000000"), (-123_456_789, "0.000000000"),
      (.min, "0.000000000"), (.max, "9223372036.854775807"),
    ] as [(Int64, String)])
  func `the engine accepts any time of a clock for events`(nanoseconds: Int64, text: String) {
    #expect(Engine.seconds(Timestamp(nanoseconds: nanoseconds)) == text)
  }
}
