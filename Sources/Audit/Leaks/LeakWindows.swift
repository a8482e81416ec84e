import Wire

/// Where in the tunnel's life leaks happened (CONTRACT 5), as far as packets show it.
///
/// Only the end shows which packet was the tunnel's last: leaks since the tunnel's latest packet are held apart, and
/// count as "while up" once another one follows. If that belongs to a handshake, nobody knows how long the tunnel was
/// down before it.
///
///     handshake  data    data    data          handshake  data     last
///     -----|------|-------|-------|---------------|--------|--------|------> time
///     before      |    while up   | before a new handshake |        | after the last
public struct LeakWindows: Sendable {
  public struct Window: Sendable, Equatable {
    public internal(set) var count = Count()
    /// How many of its frames are packets that no other frame reported: what bridge and NIC both showed is one packet.
    public internal(set) var packets = 0
    /// First and last leak; nil without any.
    public internal(set) var time: Span?

    /// In nanoseconds, from the first leak to the last.
    public var duration: Int64 {
      guard let time else { return 0 }
      return (time.last - time.first).nanoseconds
    }

    mutating func add(_ length: Int, at moment: Timestamp, isOwnPacket: Bool) {
      count.add(length)
      if isOwnPacket { packets &+= 1 }
      if time == nil { time = Span(moment) } else { time?.extend(to: moment) }
    }

    mutating func add(_ other: Self) {
      count = count + other.count
      packets &+= other.packets
      guard let span = other.time else { return }
      if time == nil { time = span } else { time?.extend(over: span) }
    }
  }

  /// Before the first handshake was answered, or with no handshake at all.
  public private(set) var beforeHandshake = Window()
  /// Between two packets of the tunnel, if the later one does not belong to a handshake.
  public private(set) var whileUp = Window()
  /// Between a packet of the tunnel and the handshake that followed it.
  public private(set) var beforeNewHandshake = Window()
  /// After the last packet of the tunnel that was seen.
  public private(set) var afterLast = Window()

  mutating func count(
    _ length: Int, at moment: Timestamp, _ tunnel: TunnelMoment, isOwnPacket: Bool = true
  ) -> LeakPhase {
    guard let last = tunnel.lastPacket, tunnel.isEstablished else {
      beforeHandshake.add(length, at: moment, isOwnPacket: isOwnPacket)
      return .beforeHandshake
    }
    settle(last)
    afterLast.add(length, at: moment, isOwnPacket: isOwnPacket)
    return tunnel.phase(at: moment)
  }

  /// How many packets leaked, each counted once.
  public var packets: Int {
    beforeHandshake.packets + whileUp.packets + beforeNewHandshake.packets + afterLast.packets
  }

  /// Adds leaks that were placed in two different values.
  static func + (one: Self, other: Self) -> Self {
    var sum = one
    sum.beforeHandshake.add(other.beforeHandshake)
    sum.whileUp.add(other.whileUp)
    sum.beforeNewHandshake.add(other.beforeNewHandshake)
    sum.afterLast.add(other.afterLast)
    return sum
  }

  /// Whether leaks wait for a tunnel packet that shows when they happened.
  var isWaiting: Bool { afterLast.count.frames > 0 }

  /// Notes a handshake message, and when the tunnel packet before it came.
  mutating func beginHandshake(at moment: Timestamp, after lastPacket: Timestamp?) {
    if let lastPacket { settle(lastPacket) }
    guard let held = afterLast.time, moment >= held.last else { return }
    beforeNewHandshake.add(afterLast)
    afterLast = Window()
  }

  /// Notes that the tunnel sent or received a packet at that moment.
  mutating func settle(_ lastPacket: Timestamp) {
    guard let held = afterLast.time, lastPacket >= held.last else { return }
    whileUp.add(afterLast)
    afterLast = Window()
  }
}

/// The tunnel's state at a leak.
public enum LeakPhase: Hashable, Sendable {
  case beforeHandshake
  /// In nanoseconds since the tunnel's latest packet.
  case established(silence: Int64)
}

extension Auditor {
  var tunnelMoment: TunnelMoment {
    var moment = TunnelMoment(lastPacket: nil, isEstablished: false)
    func extend(_ time: Timestamp?) {
      if let time, moment.lastPacket.map({ time > $0 }) ?? true { moment.lastPacket = time }
    }
    for index in classifier.tunnels.indices {
      extend(classifier.tunnels[index].tally.sentTime?.last)
      extend(classifier.tunnels[index].tally.heardTime?.last)
      moment.isEstablished = moment.isEstablished || classifier.tunnels[index].tally.isEstablished
    }
    if flows.tunnelTime > .distantPast { extend(flows.tunnelTime) }
    return moment
  }
}

extension Auditor {
  /// The tunnel's state in a word or two: the best state that any endpoint shows.
  public var tunnelText: String {
    let states = classifier.tunnels.map(\.tally.state)
    for state in [TunnelTally.State.up, .stale, .presumed, .handshaking] where states.contains(state) {
      return state.rawValue
    }
    return TunnelTally.State.unseen.rawValue
  }
}
