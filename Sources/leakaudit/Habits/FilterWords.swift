import PacketFilter
import Text

/// A pcap-filter(7) expression where none is taken: an audit of some of the packets could never be clean.
enum FilterWords {
  /// What begins an expression that does not compile for raw IP, or that is not compiled, as libpcap might ask DNS.
  private static let beginnings: Set<String> = [
    "ether", "arp", "rarp", "vlan", "mpls", "pppoes", "pppoed", "llc", "link", "inbound", "outbound", "host", "net",
    "gateway", "src", "dst", "port", "portrange", "not", "!",
  ]

  /// Whether the words, joined as tcpdump joins them, are a filter.
  static func isFilter(_ words: [String]) -> Bool {
    let expression = words.joined(separator: " ")
    let parts = expression.split { $0 == " " || $0 == "(" || $0 == ")" }
    if parts.count > 1, let first = parts.first, beginnings.contains(String(first)) { return true }
    return (try? PacketFilter(expression)) != nil
  }

  /// The filter behind the names of files; nil if there is none. The name of a missing file alone is no filter.
  static func trailing(_ words: [String]) -> [String]? {
    guard let start = words.firstIndex(where: { $0 != "-" && !FileSystem.exists($0) }) else { return nil }
    let filter = Array(words[start...])
    let isAlone = start == 0 && !filter.joined().contains(" ") && filter.count == 1
    return !isAlone && isFilter(filter) ? filter : nil
  }

  /// - Parameter advice: what to do instead.
  static func refusal(_ words: [String], advice: String) -> Failure {
    Failure(
      status: .usage,
      message:
        "'\(Formatting.safe(words.joined(separator: " ")))' is a capture filter, and an audit of some packets can "
        + "never be clean: leave it out. \(advice)")
  }
}
