public import Wire

/// Finds the longest of a set of prefixes that contains an address.
///
/// The prefixes are sorted by length, longest first, and scanned. A policy names a handful of prefixes, for
/// which a scan is faster than a trie. Not for routing tables.
public struct PrefixTable<Value: Sendable>: Sendable {
  private var entries: [(prefix: IPPrefix, value: Value)]

  /// If a prefix is given twice, the first value counts.
  public init(_ entries: [(prefix: IPPrefix, value: Value)]) {
    // The sort must be stable, which the standard library's sort does not promise.
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
