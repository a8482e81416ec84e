package import Summaries
import Text

/// A part of a summary's list of leaks: `"schema": "leakaudit.leaks/1"`, each of them as `leakaudit.leak/1`.
package struct LeaksDocument: Encodable, Sendable {
  /// The most leaks that one document holds.
  package static let limit = 1000

  private var schema = "leakaudit.leaks/1"
  /// The number of leaks in the whole summary.
  private var total: Int
  /// The position of this document's first leak.
  private var offset: Int
  private var leaks: [LeakLine]

  package init(_ summary: Summary, offset: Int, limit: Int) {
    total = summary.leaks.count
    self.offset = min(max(0, offset), total)
    leaks = summary.leaks.dropFirst(self.offset).prefix(min(max(0, limit), Self.limit))
      .map { LeakLine(leak: $0) }
  }
}

/// A leak on a line of its own.
struct LeakLine: Codable {
  var schema = "leakaudit.leak/1"
  var leak: Summary.LeakEntry
}

extension Summary {
  /// Each leak on a line of its own, `"schema": "leakaudit.leak/1"`.
  package func leakLines() throws -> String {
    try leaks.map { try JSON.line(LeakLine(leak: $0)) }.joined()
  }
}
