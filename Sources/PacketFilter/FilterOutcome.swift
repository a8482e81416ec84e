/// What a filter decides for all packets of which only some bytes are known.
package struct FilterOutcome: Equatable, Sendable {
  /// The payloads with which the filter may match. If empty, it never matches. A byte that may not have every value must
  /// be there: without it, the filter does not match.
  package var mayMatch = PayloadBytes.none
  /// Whether the filter matches whatever the rest of the packet holds.
  package var isCertain = false
  /// Whether the filter decides the same for all packets of one flow.
  package var isSameForFlow = false

  package init(mayMatch: PayloadBytes = .none, isCertain: Bool = false, isSameForFlow: Bool = false) {
    self.mayMatch = mayMatch
    self.isCertain = isCertain
    self.isSameForFlow = isSameForFlow
  }
}
