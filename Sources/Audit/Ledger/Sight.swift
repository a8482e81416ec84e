public import Wire

/// When a watch captured an interface, as the watch states it. A capture file does not say when it was begun and ended.
public struct Sight: Hashable, Sendable {
  /// How many spans are kept; whatever comes later counts as not seen.
  static var limit: Int { 500 }

  /// In order, all of them closed.
  public private(set) var spans: [Span] = []
  private var since: Timestamp?

  mutating func begin(at moment: Timestamp) {
    guard since == nil, spans.count < Self.limit else { return }
    since = moment
  }

  /// If the clock was set back, the span ends where it began.
  mutating func end(at moment: Timestamp) {
    guard let first = since else { return }
    since = nil
    var span = Span(first)
    if moment > first { span.extend(to: moment) }
    spans.append(span)
  }
}

extension Auditor {
  /// Says that an interface is captured from a moment on.
  public mutating func beginSight(of interface: Int, at moment: Timestamp) {
    if interfaces[interface].sight == nil { interfaces[interface].sight = Sight() }
    interfaces[interface].sight?.begin(at: moment)
  }

  /// Says that an interface is not captured from a moment on.
  public mutating func endSight(of interface: Int, at moment: Timestamp) {
    interfaces[interface].sight?.end(at: moment)
  }
}
