import Testing
import Wire

/// Counters of transport messages may have any value, made up or not.
struct MessageCounterTests {
  @Test(
    arguments: [
      (0, 0, 0), (0, 1, 1), (7, 3, 10), (.max - 1, 1, .max), (.max, 1, .max), (.max - 1, 5, .max), (5, .max, .max),
    ] as [(UInt64, UInt64, UInt64)])
  func `a counter ends at the greatest`(value: UInt64, messages: UInt64, expected: UInt64) {
    #expect(MessageCounter(value).advanced(by: messages) == MessageCounter(expected))
  }

  @Test func `a distance says what was skipped, or how late a message is`() {
    let expected = MessageCounter(10)
    #expect(MessageCounter(10).distance(fromExpected: expected) == .ahead(0))
    #expect(MessageCounter(11).distance(fromExpected: expected) == .ahead(1))
    #expect(MessageCounter(9).distance(fromExpected: expected) == .behind(1))
    #expect(MessageCounter(.max).distance(fromExpected: MessageCounter(0)) == .ahead(.max))
    #expect(MessageCounter(0).distance(fromExpected: MessageCounter(.max)) == .behind(.max))
  }
}
