import TestSupport
import Testing
import Wire

@testable import Audit

/// The loss meter against a set of all counters ever seen.
@Suite struct TransportCountersTests {
  private static func missed(_ counters: [UInt64], sessionWasSeen: Bool) -> UInt64 {
    var meter = TransportCounters()
    for counter in counters {
      meter.note(
        interface: 0, receiver: 1, counter: MessageCounter(counter), messages: 1, sessionWasSeen: sessionWasSeen)
    }
    return meter.missed(interface: 0)
  }

  @Test func `reports no loss for counters in order, nor before the first without a handshake`() {
    #expect(Self.missed([0, 1, 2, 3], sessionWasSeen: true) == 0)
    #expect(Self.missed([7, 8, 9], sessionWasSeen: false) == 0)
    #expect(Self.missed([7, 8, 9], sessionWasSeen: true) == 7)
  }

  @Test func `a gap is a missed packet, a late packet is not`() {
    #expect(Self.missed([0, 1, 4, 5], sessionWasSeen: true) == 2)
    #expect(Self.missed([0, 1, 4, 5, 3, 2], sessionWasSeen: true) == 0)
    #expect(Self.missed([0, 1_000_000], sessionWasSeen: true) == 999_999)
    #expect(Self.missed([0, 1 << 40], sessionWasSeen: true) == 1 << 40 - 1)
    #expect(Self.missed([0, 1 << 62, 1, 2], sessionWasSeen: true) == 0)
  }

  @Test func `agrees with a set of all counters under loss and reordering`() {
    var random = SeededGenerator()
    for round in 0..<300 {
      let count = Int.random(in: 1...400, using: &random)
      let loss = Int.random(in: 2...30, using: &random)
      let sent = (0..<UInt64(count)).filter { _ in Int.random(in: 0..<loss, using: &random) != 0 }
      // Each packet is overtaken by fewer than the window holds.
      let order = sent.map { ($0 + UInt64.random(in: 0..<40, using: &random), $0) }.sorted { $0 < $1 }.map(\.1)
      guard let highest = order.max() else { continue }
      let expected = highest + 1 - UInt64(order.count)
      #expect(Self.missed(order, sessionWasSeen: true) == expected, "seed \(random.seed), round \(round)")
    }
  }

  /// Runs of messages, as in offloaded datagrams, with counters anywhere in their range.
  @Test func `a run of messages counts like single messages`() {
    var random = SeededGenerator()
    for round in 0..<500 {
      var rows = TransportCounters()
      var singles = TransportCounters()
      let base: UInt64 = [0, 1 << 40, .max - 700].randomElement(using: &random)!
      for _ in 0..<20 {
        let counter = base + UInt64.random(in: 0..<400, using: &random)
        let messages = UInt64.random(in: 1...200, using: &random)
        rows.note(
          interface: 0, receiver: 1, counter: MessageCounter(counter), messages: messages, sessionWasSeen: base == 0)
        for step in 0..<messages {
          singles.note(
            interface: 0, receiver: 1, counter: MessageCounter(counter + step), messages: 1, sessionWasSeen: base == 0)
        }
      }
      #expect(rows.missed(interface: 0) == singles.missed(interface: 0), "seed \(random.seed), round \(round)")
    }
  }

  @Test func `two forged messages cause no loss, a continuing session does`() {
    #expect(Self.missed([0, 1 << 62], sessionWasSeen: false) == 0)
    #expect(Self.missed([.max, 0, .max], sessionWasSeen: false) == 0)
    #expect(Self.missed([0, 9], sessionWasSeen: false) == 0)
    #expect(Self.missed(Array(5..<10) + Array(12..<60), sessionWasSeen: false) == 2)
  }

  @Test func `sessions and interfaces are separate, and forgotten sessions keep their losses`() {
    var meter = TransportCounters()
    for receiver in 0..<UInt32(100) {
      meter.note(interface: 0, receiver: receiver, counter: MessageCounter(0), messages: 1, sessionWasSeen: true)
      meter.note(interface: 0, receiver: receiver, counter: MessageCounter(3), messages: 1, sessionWasSeen: true)
      meter.note(interface: 1, receiver: receiver, counter: MessageCounter(0), messages: 4, sessionWasSeen: true)
    }
    #expect(meter.missed(interface: 0) == 200)
    #expect(meter.missed(interface: 1) == 0)
  }

  /// The fast path keeps a session's position, which another session may have taken since.
  @Test func `a position is that of one receiver on one interface`() throws {
    var meter = TransportCounters()
    func note(_ interface: Int, _ receiver: UInt32) {
      meter.note(
        interface: interface, receiver: receiver, counter: MessageCounter(0), messages: 1, sessionWasSeen: true)
    }
    note(0, 1)
    let position = try #require(meter.position(interface: 0, receiver: 1))
    func isTaken(_ counter: UInt64, _ position: Int, _ interface: Int, _ receiver: UInt32) -> Bool {
      meter.noteNext(MessageCounter(counter), at: position, receiver: receiver, interface: interface)
    }
    let answers = [
      isTaken(1, position, 0, 1), isTaken(2, position, 0, 2), isTaken(2, position, 1, 1),
      isTaken(2, position + 1, 0, 1),
    ]
    #expect(answers == [true, false, false, false])
    for receiver in 2..<UInt32(2 + TransportCounters.limit) { note(1, receiver) }
    let isStillThere = isTaken(2, position, 0, 1)
    #expect(!isStillThere)
  }

  /// UDP_SEGMENT: one datagram of several messages, all but the last of one length.
  @Test(arguments: [
    (lengths: [1452, 1452, 200], 3), ([1452], 1), ([32, 32], 1), ([1500], 1), ([800, 800, 800, 32], 4),
  ])
  func `counts the messages of an offloaded datagram`(lengths: [Int], expected: Int) {
    var bytes: [UInt8] = []
    for (index, length) in lengths.enumerated() {
      var message = [UInt8](repeating: 0xA5, count: length)
      message.replaceSubrange(0..<16, with: [4, 0, 0, 0, 9, 0, 0, 0, UInt8(5 + index), 0, 0, 0, 0, 0, 0, 0])
      bytes += message
    }
    #expect(MessageRun.count(bytes.rawSpan, length: bytes.count) == UInt64(expected))
    // The same where the capture cut what follows the second message's header.
    let cut = Array(bytes.prefix(lengths[0] + 16))
    #expect(MessageRun.count(cut.rawSpan, length: bytes.count) == UInt64(expected))
  }

  /// Places are few: a session that goes on must not lose its own because it is idle on another interface.
  @Test func `a session that goes on keeps its place, and what is late in it is not missed`() {
    var meter = TransportCounters()
    func note(_ interface: Int, _ receiver: UInt32, _ counter: UInt64) {
      meter.note(
        interface: interface, receiver: receiver, counter: MessageCounter(counter), messages: 1, sessionWasSeen: true)
    }
    note(0, 1, 0)
    for counter: UInt64 in 0...40 where counter != 30 { note(1, 1, counter) }
    for receiver in 2..<200 as Range<UInt32> {
      note(1, 1, UInt64(receiver) + 39)
      note(0, receiver, 0)
      if receiver == 45 { note(1, 1, 30) }
    }
    #expect(meter.missed(interface: 1) == 0)
  }
}
