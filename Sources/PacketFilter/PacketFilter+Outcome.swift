import CPcap

extension PacketFilter {
  /// What the filter says of all packets of an outline. One that does not compile matches nothing.
  package func outcome(over outline: PacketOutline) -> FilterOutcome {
    guard let instructions else { return FilterOutcome() }
    return FilterAnalysis.outcome(of: instructions, over: outline)
  }

  /// The numbers that the program compares with: where something changes for a packet's ports, it is at one of them.
  package var comparedNumbers: Set<UInt32> {
    Set((instructions ?? []).filter { $0.code & 0x0F == 5 }.map(\.operand))
  }
}
