import Wire

/// Counts private destinations that no statement of the policy names, by prefix: IPv4 by /24, IPv6 by /64, as networks
/// are commonly divided.
struct UndeclaredPrefixes: Sendable {
  static var limit: Int { 64 }

  private(set) var list: [(prefix: IPPrefix, count: Count)] = []
  /// The packets to further prefixes.
  private(set) var others = Count()
  private var latest = 0

  mutating func count(_ destination: IPAddress, _ count: Count) {
    if latest < list.count, list[latest].prefix.contains(destination) {
      list[latest].count = list[latest].count + count
      return
    }
    let prefix = IPPrefix(destination, length: destination.isIPv4 ? 24 : 64)
    if let index = list.firstIndex(where: { $0.prefix == prefix }) {
      latest = index
    } else if list.count < Self.limit {
      latest = list.count
      list.append((prefix, Count()))
    } else {
      others = others + count
      return
    }
    list[latest].count = list[latest].count + count
  }
}
