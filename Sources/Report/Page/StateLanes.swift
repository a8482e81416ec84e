import Audit
import Policy
import Summaries
import Wire

/// What a summary says about each moment: which interfaces were seen, whether the tunnel sent anything, and whether
/// anything leaked.
///
/// Nothing is guessed: what the summary does not say is `unknown`.
struct StateLanes {
  /// The most interfaces with a lane; those that were seen least come first.
  private static let shown = 6

  private let summary: Summary
  private let traffic: Traffic
  private let start, end: Timestamp
  private(set) var sights: [StateLane] = []
  /// Interfaces without a lane.
  private(set) var others = 0
  /// Pauses of the tunnel that are shorter are not shown.
  let pause: Elapsed

  init(_ summary: Summary, _ traffic: Traffic) {
    self.summary = summary
    self.traffic = traffic
    start = Self.moment(traffic.startUnits)
    end = Self.moment(traffic.startUnits + traffic.units * Int64(traffic.steps.count))
    let whole = (end - start).nanoseconds
    pause = Elapsed(nanoseconds: max(whole / 300, min(whole / 20, 180_000_000_000)))
    let lanes = summary.interfaces.map(sight).sorted { (seenTime($0), $0.name) < (seenTime($1), $1.name) }
    sights = Array(lanes.prefix(Self.shown))
    others = lanes.count - sights.count
  }

  /// A moment from traffic units since 1970.
  private static func moment(_ units: Int64) -> Timestamp {
    let (seconds, rest) = units.quotientAndRemainder(dividingBy: Traffic.unitsPerSecond)
    return Timestamp(seconds: seconds, nanoseconds: rest * 1_953_125)
  }

  private func within(_ time: Timestamp) -> Timestamp { min(max(time, start), end) }

  // MARK: Interfaces

  /// When an interface was seen; nil if that is not known.
  private func seen(_ interface: Summary.Interface) -> [Summary.Part]? {
    if let seen = interface.seen { return Summary.union(seen.filter { $0.from <= $0.to }) }
    guard summary.audits == 1, let first = interface.first, let last = interface.last else { return nil }
    return [Summary.Part(from: first, to: max(first, last))]
  }

  private func sight(_ interface: Summary.Interface) -> StateLane {
    var lane = StateLane(name: interface.name, parts: [])
    let isLossy = interface.drops > 0 || interface.missedMessages > 0 || summary.capture?.droppedByKernel ?? 0 > 0
    // A watch knows when it began and ended. A file is known to have been recording only between its frames.
    let edge: StateLane.State = summary.audits == 1 && interface.seen != nil ? .blind : .unknown
    let least = (end - start).nanoseconds / 2000
    var known = start
    var between = edge
    for part in seen(interface) ?? [] {
      let (from, to) = (within(part.from), within(part.to))
      if from > known, between == .blind, (from - known).nanoseconds < least {
        lane.hidden += 1
        lane.add(isLossy ? .lossy : .seen, from: known, to: from)
      } else {
        lane.add(between, from: known, to: from)
      }
      lane.add(isLossy ? .lossy : .seen, from: from, to: to)
      (known, between) = (max(known, to), .blind)
    }
    lane.add(edge, from: known, to: end)
    return lane
  }

  private func seenTime(_ lane: StateLane) -> Int64 {
    lane.parts.reduce(0) { $0 &+ ([.seen, .lossy].contains($1.state) ? ($1.to - $1.from).nanoseconds : 0) }
  }

  // MARK: Tunnel and leaks

  /// When at least one interface was seen.
  private var anySeen: [Summary.Part] { Summary.union(summary.interfaces.flatMap { seen($0) ?? [] }) }

  var tunnel: StateLane {
    var lane = StateLane(name: "tunnel", parts: [])
    add(to: &lane) { step in
      step[VerdictClass.tunnel.rawValue] > 0 ? .tunnel : nil
    } otherwise: {
      .silent
    }
    // A pause between two packets is not an outage of the tunnel.
    let parts = lane.parts
    lane.parts = []
    for (index, part) in parts.enumerated() {
      let isBetween =
        index > 0 && index + 1 < parts.count && parts[index - 1].state == .tunnel && parts[index + 1].state == .tunnel
      let isShort = part.state == .silent && isBetween && part.to - part.from < pause
      if isShort { lane.hidden += 1 }
      lane.add(isShort ? .tunnel : part.state, from: part.from, to: part.to)
    }
    return lane
  }

  var leaks: StateLane {
    let failing = Summary.union(
      summary.leaks.filter(summary.isFailing).map { Summary.Part(from: $0.first, to: max($0.first, $0.last)) })
    let mild = Summary.union(
      summary.leaks.filter { !summary.isFailing($0) }.map { Summary.Part(from: $0.first, to: max($0.first, $0.last)) })
    var lane = StateLane(name: "leaks", parts: [])
    var (failingHere, mildHere) = (Overlap(failing), Overlap(mild))
    add(to: &lane) { step, from, to in
      let (fails, isMild) = (failingHere.holds(from, to), mildHere.holds(from, to))
      guard step[VerdictClass.leak.rawValue] > 0 else { return nil }
      // If it may be either, the worse one is shown.
      return isMild && !fails ? .mild : .leak
    } otherwise: {
      nil
    }
    return lane
  }

  private func add(
    to lane: inout StateLane, _ state: (Traffic.Step) -> StateLane.State?, otherwise: () -> StateLane.State?
  ) {
    add(to: &lane, { step, _, _ in state(step) }, otherwise: otherwise)
  }

  /// Adds one state for each step: by its frames, or else by whether any interface was seen then.
  private func add(
    to lane: inout StateLane, _ state: (Traffic.Step, Timestamp, Timestamp) -> StateLane.State?,
    otherwise: () -> StateLane.State?
  ) {
    var seen = Overlap(anySeen)
    for (index, step) in traffic.steps.enumerated() {
      let from = Self.moment(traffic.startUnits + traffic.units * Int64(index))
      let to = Self.moment(traffic.startUnits + traffic.units * Int64(index + 1))
      let isSeen = seen.holds(from, to)
      guard let told = state(step, from, to) ?? (isSeen ? otherwise() : .unknown) else { continue }
      lane.add(told, from: from, to: to)
    }
  }

  /// Tells whether times overlap with known ones. Each question must be about a later time than the one before.
  private struct Overlap {
    private let parts: [Summary.Part]
    private var next = 0

    init(_ parts: [Summary.Part]) { self.parts = parts }

    /// Whether a part of this time is in one of the parts, whose ends are in microseconds.
    mutating func holds(_ from: Timestamp, _ to: Timestamp) -> Bool {
      while next < parts.count, parts[next].to + Elapsed(nanoseconds: 1000) < from { next += 1 }
      return next < parts.count && parts[next].from < to
    }
  }
}
