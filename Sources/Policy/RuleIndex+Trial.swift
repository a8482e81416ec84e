import PacketFilter
import Wire

extension RuleIndex {
  /// A rule that may match, and the payloads with which it may: their first byte, and the byte that says most.
  struct Trial: Sendable, BitwiseCopyable {
    var rule: Int32
    /// How many bytes of payload the rule needs.
    var needed = 0
    var firstBytes: ByteSet
    /// Zero if only the first byte says anything.
    var position = 0
    var bytes = ByteSet.all
    var isCertain: Bool
    /// Whether the rule matches either all packets of a flow or none.
    var isSameForFlow: Bool

    init(_ rule: Int, _ outcome: FilterOutcome) {
      self.rule = Int32(truncatingIfNeeded: rule)
      (isCertain, isSameForFlow) = (outcome.isCertain, outcome.isSameForFlow)
      firstBytes = outcome.mayMatch[0]
      if firstBytes != .all { needed = 1 }
      for place in 1..<PayloadBytes.count where outcome.mayMatch[place].count < bytes.count {
        (position, bytes, needed) = (place, outcome.mayMatch[place], place + 1)
      }
    }

    /// Whether the rule may match a packet whose payload begins at an offset; `first` is zero if there is none.
    @inline(__always)
    func mayMatch(_ packet: RawSpan, payload: Int, first: UInt8) -> Bool {
      firstBytes.contains(first) && (needed == 0 || packet.byteCount - payload >= needed)
        && (position == 0 || bytes.contains(packet.uint8(at: payload + position)))
    }
  }
}
