import Audit
import Policy
import Text
import Wire

/// Which entries of two summaries are the same, and how they are added. Captures may claim any number of bytes and
/// losses, so these sums stop at the greatest number.
extension Summary.LeakEntry {
  var identity: [String] {
    [
      reason.rawValue, severity.rawValue, title, interface, Summary.told(origin?.coded), isApart ? "apart" : "",
      fate?.rawValue ?? "", rule ?? "", family?.rawValue ?? "", self.protocol?.coded ?? "", destination?.coded ?? "",
      port.map(String.init) ?? "", decodingError ?? "",
    ]
  }

  static func add(_ entry: inout Self, _ other: Self) {
    entry.sources = Set(entry.sources + other.sources).sorted()
    entry.questions = Set(entry.questions + other.questions).sorted { ($0.name, $0.type) < ($1.name, $1.type) }
    entry.details = Set(entry.details + other.details).sorted {
      ($0.kind.rawValue, $0.text) < ($1.kind.rawValue, $1.text)
    }
    let sentBy = Set((entry.sentBy ?? []) + (other.sentBy ?? [])).sorted(by: LeakSenderEntry.isBefore)
    entry.sentBy = sentBy.isEmpty ? nil : sentBy
    entry.abridged = Set(entry.abridged + other.abridged).sorted()
    entry.escapedFrames += other.escapedFrames
    entry.frames += other.frames
    entry.packets = entry.packets.flatMap { packets in other.packets.map { packets + $0 } }
    let onNIC = Set((entry.sourcesOnNIC ?? []) + (other.sourcesOnNIC ?? [])).sorted()
    entry.sourcesOnNIC = onNIC.isEmpty ? nil : onNIC
    entry.bytes = entry.bytes.addingSaturating(other.bytes)
    // If both files have it at the same time, they may number it differently.
    entry.firstFrame =
      entry.first == other.first
      ? entry.firstFrame == other.firstFrame ? entry.firstFrame : nil
      : entry.first < other.first ? entry.firstFrame : other.firstFrame
    entry.first = min(entry.first, other.first)
    entry.last = max(entry.last, other.last)
  }

  /// Worst first, then by frames.
  static func isBefore(_ one: Self, _ other: Self) -> Bool {
    if one.severity != other.severity { return one.severity > other.severity }
    if one.frames != other.frames { return one.frames > other.frames }
    return one.identity.lexicographicallyPrecedes(other.identity)
  }
}

extension Summary {
  /// A container without a name is an empty text, and so another one than none.
  fileprivate static func told(_ text: String?) -> String { text.map { ":" + $0 } ?? "" }
}

extension Summary.Interface {
  var identity: [String] { [name, linkType.coded, role?.rawValue ?? ""] }

  package static func add(_ entry: inout Self, _ other: Self) {
    entry.frames += other.frames
    entry.tunnel += other.tunnel
    entry.local += other.local
    entry.leak += other.leak
    entry.allowed += other.allowed
    entry.ingress += other.ingress
    entry.bytes.add(other.bytes)
    entry.drops = entry.drops.addingSaturating(other.drops)
    entry.missedMessages = entry.missedMessages.addingSaturating(other.missedMessages)
    entry.first = Summary.earlier(entry.first, other.first)
    entry.last = Summary.later(entry.last, other.last)
    entry.seen = entry.seen.flatMap { seen in other.seen.map { Summary.union(seen + $0) } }
  }
}

extension Summary.TunnelState {
  var identity: [String] { [endpoint.coded, origin, shape.rawValue] }

  static func add(_ entry: inout Self, _ other: Self) {
    // The state at the end; if two states have the same time, the first in the alphabet, regardless of the order.
    let isLater =
      (other.last ?? .distantPast, entry.state.rawValue) > (entry.last ?? .distantPast, other.state.rawValue)
    if isLater { entry.state = other.state }
    entry.sent.merge(other.sent, uniquingKeysWith: +)
    entry.sentFrames += other.sentFrames
    entry.sentBytes = entry.sentBytes.addingSaturating(other.sentBytes)
    entry.receivedFrames += other.receivedFrames
    entry.receivedBytes = entry.receivedBytes.addingSaturating(other.receivedBytes)
    entry.responses += other.responses
    entry.verifiedFrames += other.verifiedFrames
    entry.foreignInitiations += other.foreignInitiations
    entry.firstHandshake = Summary.earlier(entry.firstHandshake, other.firstHandshake)
    entry.first = Summary.earlier(entry.first, other.first)
    entry.last = Summary.later(entry.last, other.last)
    entry.grade = [entry.grade, other.grade].compactMap(\.self).max { $0.rank < $1.rank }
  }

}

extension AuditSummary.Grade {
  /// The weaker grade applies to the whole.
  fileprivate var rank: Int {
    switch self {
    case .peerVerified: 0
    case .shaped: 1
    case .addressOnly: 2
    }
  }
}

extension Summary.Counted {
  var identity: [String] { [name.coded] }

  static func add(_ entry: inout Self, _ other: Self) {
    entry.frames += other.frames
    entry.bytes = entry.bytes.addingSaturating(other.bytes)
  }
}

extension Summary.AllowedEntry {
  var identity: [String] { [name, Summary.told(reason), Summary.told(origin)] }

  static func add(_ entry: inout Self, _ other: Self) {
    entry.frames += other.frames
    entry.bytes = entry.bytes.addingSaturating(other.bytes)
  }
}

extension Summary.Notice {
  var identity: [String] { [kind.rawValue, text, count == nil ? "" : "counted"] }

  static func add(_ entry: inout Self, _ other: Self) {
    if let count = entry.count, let more = other.count { entry.count = count + more }
    entry.first = Summary.earlier(entry.first, other.first)
    let names = Set((entry.names ?? []) + (other.names ?? [])).sorted()
    entry.names = names.isEmpty ? nil : names
  }
}

extension Summary.Classes {
  mutating func add(_ other: Self) {
    frames = frames.addingSaturating(other.frames)
    tunnel = tunnel.addingSaturating(other.tunnel)
    local = local.addingSaturating(other.local)
    leak = leak.addingSaturating(other.leak)
    allowed = allowed.addingSaturating(other.allowed)
    ingress = ingress.addingSaturating(other.ingress)
  }
}

extension Summary.Windows {
  mutating func add(_ other: Self) {
    beforeHandshake.add(other.beforeHandshake)
    whileUp.add(other.whileUp)
    afterLast.add(other.afterLast)
    if let window = other.beforeNewHandshake {
      if beforeNewHandshake?.add(window) == nil { beforeNewHandshake = window }
    }
    if list.contains(where: { $0.packets == nil }) { forgetPackets() }
  }

  var list: [Summary.Window] { [beforeHandshake, whileUp, afterLast] + [beforeNewHandshake].compactMap(\.self) }

  /// Windows with packets and windows with frames would not add up.
  mutating func forgetPackets() {
    beforeHandshake.packets = nil
    whileUp.packets = nil
    afterLast.packets = nil
    beforeNewHandshake?.packets = nil
  }
}

extension Summary.Window {
  mutating func add(_ other: Self) {
    frames += other.frames
    packets = packets.flatMap { own in other.packets.map { own + $0 } }
    bytes = bytes.addingSaturating(other.bytes)
    first = Summary.earlier(first, other.first)
    last = Summary.later(last, other.last)
    if let first, let last { milliseconds = Double((last - first).nanoseconds) / 1_000_000 }
  }
}

extension Summary.Unshown {
  static func merge(_ one: Self?, _ other: Self?) -> Self? {
    guard let one, let other else { return one ?? other }
    return Self(
      names: Set(one.names + other.names).sorted(), directories: Set(one.directories + other.directories).sorted())
  }
}
