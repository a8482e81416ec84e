import Audit
import Text
import Wire

/// What makes entries of two summaries the same, and how the same are added. Bytes and losses are what captures claim, and
/// captures may claim anything: such sums end at the greatest number.
extension SummaryDocument.LeakEntry {
  var identity: [String] {
    [
      reason, severity, title, interface, origin ?? "", isApart ? "apart" : "", fate ?? "", rule ?? "", family ?? "",
      self.protocol ?? "", destination ?? "", port.map(String.init) ?? "", decodingError ?? "",
    ]
  }

  static func add(_ entry: inout Self, _ other: Self) {
    entry.sources = Set(entry.sources + other.sources).sorted()
    entry.questions = Set(entry.questions + other.questions).sorted()
    entry.details = Set(entry.details + other.details).sorted { ($0.kind, $0.text) < ($1.kind, $1.text) }
    entry.abridged = Set(entry.abridged + other.abridged).sorted()
    entry.escapedFrames += other.escapedFrames
    entry.frames += other.frames
    entry.packets = entry.packets.flatMap { packets in other.packets.map { packets + $0 } }
    let onNIC = Set((entry.sourcesOnNIC ?? []) + (other.sourcesOnNIC ?? [])).sorted()
    entry.sourcesOnNIC = onNIC.isEmpty ? nil : onNIC
    entry.bytes = entry.bytes.addingSaturating(other.bytes)
    entry.first = min(entry.first, other.first)
    entry.last = max(entry.last, other.last)
  }

  /// Worst first, then by frames.
  static func isBefore(_ one: Self, _ other: Self) -> Bool {
    if one.level != other.level { return one.level > other.level }
    if one.frames != other.frames { return one.frames > other.frames }
    return one.identity.lexicographicallyPrecedes(other.identity)
  }
}

extension SummaryDocument.Interface {
  var identity: [String] { [name, linkType, role ?? ""] }

  static func add(_ entry: inout Self, _ other: Self) {
    entry.frames += other.frames
    entry.tunnel += other.tunnel
    entry.local += other.local
    entry.leak += other.leak
    entry.allowed += other.allowed
    entry.ingress += other.ingress
    entry.bytes.add(other.bytes)
    entry.drops = entry.drops.addingSaturating(other.drops)
    entry.missedMessages = entry.missedMessages.addingSaturating(other.missedMessages)
    entry.first = SummaryDocument.earlier(entry.first, other.first)
    entry.last = SummaryDocument.later(entry.last, other.last)
  }
}

extension SummaryDocument.TunnelState {
  var identity: [String] { [endpoint, origin, shape] }

  static func add(_ entry: inout Self, _ other: Self) {
    // The state at the end; of states at the same time the one that comes first in the alphabet, whatever the order.
    let isLater = (other.last ?? "", entry.state) > (entry.last ?? "", other.state)
    if isLater { entry.state = other.state }
    entry.sent.merge(other.sent, uniquingKeysWith: +)
    entry.sentFrames += other.sentFrames
    entry.sentBytes = entry.sentBytes.addingSaturating(other.sentBytes)
    entry.receivedFrames += other.receivedFrames
    entry.receivedBytes = entry.receivedBytes.addingSaturating(other.receivedBytes)
    entry.responses += other.responses
    entry.verifiedFrames += other.verifiedFrames
    entry.foreignInitiations += other.foreignInitiations
    entry.firstHandshake = SummaryDocument.earlier(entry.firstHandshake, other.firstHandshake)
    entry.first = SummaryDocument.earlier(entry.first, other.first)
    entry.last = SummaryDocument.later(entry.last, other.last)
    entry.grade = [entry.grade, other.grade].compactMap(\.self).max { rank($0) < rank($1) }
  }

  /// The weaker grade is that of the whole.
  private static func rank(_ grade: String) -> Int {
    switch AuditSummary.Grade(rawValue: grade) {
    case .peerVerified: 0
    case .shaped: 1
    case .addressOnly, nil: 2
    }
  }
}

extension SummaryDocument.Named {
  var identity: [String] { [name, reason ?? "", origin ?? ""] }

  static func add(_ entry: inout Self, _ other: Self) {
    entry.frames += other.frames
    entry.bytes = entry.bytes.addingSaturating(other.bytes)
  }
}

extension SummaryDocument.Notice {
  var identity: [String] { [kind, text, count == nil ? "" : "counted"] }

  static func add(_ entry: inout Self, _ other: Self) {
    if let count = entry.count, let more = other.count { entry.count = count + more }
    entry.first = SummaryDocument.earlier(entry.first, other.first)
  }
}

extension SummaryDocument.Classes {
  mutating func add(_ other: Self) {
    frames = frames.addingSaturating(other.frames)
    tunnel = tunnel.addingSaturating(other.tunnel)
    local = local.addingSaturating(other.local)
    leak = leak.addingSaturating(other.leak)
    allowed = allowed.addingSaturating(other.allowed)
    ingress = ingress.addingSaturating(other.ingress)
  }
}

extension SummaryDocument.Windows {
  mutating func add(_ other: Self) {
    beforeHandshake.add(other.beforeHandshake)
    whileUp.add(other.whileUp)
    afterLast.add(other.afterLast)
    if let window = other.beforeNewHandshake {
      if beforeNewHandshake?.add(window) == nil { beforeNewHandshake = window }
    }
  }
}

extension SummaryDocument.Window {
  mutating func add(_ other: Self) {
    frames += other.frames
    bytes = bytes.addingSaturating(other.bytes)
    first = SummaryDocument.earlier(first, other.first)
    last = SummaryDocument.later(last, other.last)
    milliseconds = Double(Formatting.span(first, last) ?? 0) / 1_000_000
  }
}
