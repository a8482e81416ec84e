public import Wire

/// Conversations of valid frames with hostile fields, made from bytes: counters and times at their ends, sessions,
/// fragments and answers in any order, over several interfaces.
///
/// A step takes one byte for its kind, one for place and time, and some for its fields.
public struct HostileTraffic: Sendable {
  /// What comes next.
  public enum Step: Sendable {
    case frame(SampleFrame)
    /// An interface's role becomes known.
    case role(interface: Int, isBridge: Bool)
    /// Containers come, go, or swap their addresses.
    case directory(variant: UInt8, extends: Bool)
    case start(Timestamp)
    case drops(UInt64, interface: Int)
    case awaitControl
    case summary
    case takeNotices
    /// From now on, this many frames are audited at a time.
    case batch(Int)
  }

  var choices: ByteChoices
  public let linkTypes: [LinkType]
  var time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
  /// Interface, recorded direction and MAC addresses of the current frames.
  var place: UInt8 = 0
  /// Steps that are made and not handed out yet.
  private var pending: ArraySlice<Step> = []
  /// The next counter of each receiver index.
  var counters = [UInt64](repeating: 0, count: 8)
  var latestInitiation: UInt32 = 0
  /// For packets that repeat, quote or continue it; from its IP header on.
  var latestPacket: [UInt8] = []
  var latestFrame: SampleFrame?
  var latestPlace: UInt8 = 0
  var latestQuestion: Question?

  struct Question: Sendable {
    var from, to: Endpoint
    var name: String
    var identifier: UInt16
  }

  public init(_ choices: ByteChoices, interfaces: Int) {
    var choices = choices
    linkTypes = (0..<interfaces).map { _ in choices.pick(HostileWorld.linkTypes) }
    self.choices = choices
  }

  /// Nil when the bytes are used up.
  public mutating func next() -> Step? {
    while pending.isEmpty {
      guard !choices.isEmpty else { return nil }
      make()
    }
    return pending.removeFirst()
  }

  mutating func add(_ step: Step) { pending.append(step) }

  private mutating func make() {
    let action = choices.byte()
    place = choices.byte()
    let steps: [Int64] = [0, 1_000_000, 100_000_000, 1_000_000_000]
    time.nanoseconds &+= steps[Int(place >> 4 & 3)]
    switch action & 31 {
    case 0...4: transportMessage()
    case 5: transportRow()
    case 6: handshakeInitiation()
    case 7: handshakeResponse()
    case 8: cookieReply()
    case 9, 10: fragment()
    case 11: moreOfLatestDatagram()
    case 12: question()
    case 13: answer()
    case 14: questionInSegments()
    case 15: hello()
    case 16: quic()
    case 17: segment()
    case 18: icmp()
    case 19: linkLayer()
    case 20: localRow()
    case 21: datagram()
    case 22: served()
    case 23: published()
    case 24: control()
    case 25: again()
    case 26: cut()
    case 27, 28: moveTime()
    case 29: add(.role(interface: interface, isBridge: choices.byte() & 1 == 0))
    case 30: circumstances()
    default: add(choices.byte() & 1 == 0 ? .summary : .batch(1 + Int(choices.byte())))
    }
  }

  private mutating func moveTime() {
    let selector = choices.byte()
    switch selector & 7 {
    case 0, 1, 2, 3: time.nanoseconds = choices.pick(HostileWorld.times)
    case 4: time.nanoseconds = choices.number()
    case 5: time.nanoseconds &-= Int64(selector >> 3) * 1_000_000_000
    case 6: time.nanoseconds &+= Int64(selector >> 3) * 10_000_000_000
    default: time.nanoseconds &-= Int64(selector >> 3) * 1_000_000
    }
  }

  private mutating func circumstances() {
    let selector = choices.byte()
    switch selector & 7 {
    case 0, 1: add(.directory(variant: selector >> 3, extends: false))
    case 2: add(.directory(variant: selector >> 3, extends: true))
    case 3: add(.start(time))
    case 4: add(.drops(choices.pick([0, 1, .max]), interface: interface))
    case 5: add(.awaitControl)
    case 6: add(.takeNotices)
    default: add(.summary)
    }
  }
}
