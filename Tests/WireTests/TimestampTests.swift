import Testing

@testable import Wire

/// Times and counts come from captures, containers and clocks, which may tell any.
struct TimestampTests {
  @Test(
    arguments: [
      (1_700_000_000, 5, 1_700_000_000_000_000_005), (-1, 999_999_999, -1), (.max, 0, .max), (.min, 0, .min),
      (9_223_372_036, 999_999_999, .max), (9_223_372_036, 854_775_807, .max), (0, .min, .min),
    ] as [(Int64, Int64, Int64)])
  func `a clock's time is the nearest representable one`(seconds: Int64, rest: Int64, expected: Int64) {
    #expect(Timestamp(seconds: seconds, nanoseconds: rest).nanoseconds == expected)
  }

  @Test func `differences and sums at the ends do not trap`() {
    let ends = [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max].map { Timestamp(nanoseconds: $0) }
    for one in ends {
      for other in ends {
        let elapsed = one - other
        #expect((elapsed >= .zero) == (one >= other))
        #expect(elapsed.isWithin(.seconds(.max)) || elapsed.nanoseconds == .min)
        _ = other + elapsed
      }
    }
  }

  @Test func `sums of counts stop at the largest value`() {
    #expect(UInt64.max.addingSaturating(1) == .max)
    #expect(Int.max.addingSaturating(1) == .max)
    #expect(Int.min.addingSaturating(-1) == .min)
    #expect(2.addingSaturating(-3) == -1)
  }
}
