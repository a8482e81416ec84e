import Foundation
import Wire

/// The names that a drill's internet knows, in a file that the drill may change: `NAME=ADDRESS`, one a line. Other lines
/// say nothing.
package struct InternetNames: Sendable {
  /// Nil if it knows none.
  private let file: String?

  package init(file: String?) { self.file = file }

  /// As they are now: names in small letters, without the last dot.
  func read() -> [String: [IPAddress]] {
    guard let file, let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [:] }
    return Self.names(in: text)
  }

  static func names(in text: String) -> [String: [IPAddress]] {
    var known: [String: [IPAddress]] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let address = IPAddress(parts[1]) else { continue }
      known[(parts[0].hasSuffix(".") ? String(parts[0].dropLast()) : String(parts[0])).lowercased(), default: []]
        .append(address)
    }
    return known
  }
}
