import CPcap

extension PacketFilter {
  /// What the filter decides for all packets of an outline. A filter that does not compile matches nothing.
  package func outcome(over outline: PacketOutline) -> FilterOutcome {
    guard let instructions else { return FilterOutcome() }
    return FilterAnalysis.outcome(of: instructions, over: outline)
  }

  /// The numbers that the program compares with. Its result can change with a packet's ports only at these numbers.
  package var comparedNumbers: Set<UInt32> {
    Set((instructions ?? []).filter { $0.code & 0x0F == 5 }.map(\.operand))
  }
}
