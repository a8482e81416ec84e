public import Wire

/// Answers which of a set of prefixes is the longest that contains an address.
///
/// Sorted by length, longest first, and scanned: a policy names a handful of prefixes, and a scan of a
/// handful beats a trie. Not for routing tables.
public struct PrefixTable<Value: Sendable>: Sendable {
  private var entries: [(prefix: IPPrefix, value: Value)]

  /// Where a prefix is given twice the first value stands.
  public init(_ entries: [(prefix: IPPrefix, value: Value)]) {
    // The sort must keep the order of equals, which the standard library's sort does not promise.
    self.entries = entries.enumerated()
      .sorted { ($1.element.prefix.length, $0.offset) < ($0.element.prefix.length, $1.offset) }
      .map(\.element)
  }

  public var isEmpty: Bool { entries.isEmpty }

  /// - Complexity: O(number of prefixes)
  public func longestMatch(_ address: IPAddress) -> Value? {
    for index in entries.indices where entries[index].prefix.contains(address) {
      return entries[index].value
    }
    return nil
  }

  public func contains(_ address: IPAddress) -> Bool { longestMatch(address) != nil }
}
