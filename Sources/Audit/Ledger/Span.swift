import Policy
public import Wire

/// The first and the last moment at which something was seen, in the capture's own time.
public struct Span: Hashable, Sendable, BitwiseCopyable {
  public var first: Timestamp
  public var last: Timestamp

  public init(_ moment: Timestamp) {
    first = moment
    last = moment
  }

  mutating func extend(to moment: Timestamp) {
    if moment < first { first = moment }
    if moment > last { last = moment }
  }

  mutating func extend(over span: Self) {
    extend(to: span.first)
    extend(to: span.last)
  }
}
