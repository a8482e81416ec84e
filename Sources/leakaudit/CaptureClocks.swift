import Audit
import Policy
import Report
import Savefile
import Text
import Wire

/// Puts captures of the same traffic with different clocks in order, by the packets that they share.
extension Replay {
  /// The most frames to compare: captures without a common packet are not read to their end.
  private static var mostCompared: Int { 1 << 21 }

  /// For each file, how much later than their times its frames must be audited. Zero for streams, which can be read
  /// only once.
  func lags(_ policy: TunnelPolicy) -> [Elapsed] {
    let none = paths.map { _ in Elapsed.zero }
    let roles = Set(policy.roles.values)
    guard paths.count > 1, canReadTwice, roles.contains(.bridge), roles.contains(.nic), let sources = try? open() else {
      return none
    }
    var comparison = ClockComparison()
    var isNIC = paths.map { _ in false }
    var waiting = sources.indices.map { (index: $0, next: Timestamp.distantPast) }
    for _ in 0..<Self.mostCompared {
      guard !comparison.isEnough, let first = waiting.indices.min(by: { waiting[$0].next < waiting[$1].next }) else {
        break
      }
      let source = sources[waiting[first].index]
      // Problems of a file are reported when it is audited.
      guard (try? source.reader.advance()) == true else {
        waiting.remove(at: first)
        continue
      }
      waiting[first].next = source.reader.frame.timestamp
      let interface = source.reader.frame.interface
      let index =
        isSeveral(source.reader.interfaces[interface]) ? SourceCursor.index(of: source.reader.frame) : nil
      guard let role = names(of: interface, index, source).role(policy) else { continue }
      comparison.note(source.reader.frame, role)
      if role == .nic { isNIC[waiting[first].index] = true }
    }
    return isNIC.map { $0 ? comparison.lag : .zero }
  }

  /// Notices about files that are audited later than their times.
  static func notices(_ lags: [Elapsed], _ sources: [OpenSavefile]) -> [AuditSummary.Notice] {
    zip(lags, sources).filter { $0.0 > Elapsed(nanoseconds: 1) }.map { lag, source in
      AuditSummary.Notice(
        .clocks,
        "\(source.path): its clock is \(Formatting.duration(nanoseconds: lag.nanoseconds)) behind the bridge's, as packets in both captures "
          + "show: its frames were sorted after the bridge's.")
    }
  }
}
