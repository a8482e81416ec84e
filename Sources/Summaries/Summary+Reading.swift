import Audit
package import Foundation

/// Summaries as `--format json` and `ndjson` write them.
extension Summary {
  /// The most that a file of summaries may hold, in bytes.
  package static var sizeLimit: Int { 256 << 20 }
  /// The greatest sum of all counts in a summary: adding thousands of summaries cannot overflow.
  private static var totalLimit: Double { Double(1 << 50) }

  package struct ReadingError: Error, CustomStringConvertible {
    package let description: String
  }

  package init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

  /// Reads a summary that is alone in the file or one of its lines. A file with several is refused: they may be interim
  /// summaries of a watch, and the last one counts the same frames again.
  package static func read(_ bytes: Data) throws(ReadingError) -> Self {
    guard bytes.count <= sizeLimit else {
      throw ReadingError(description: "it is larger than \(sizeLimit >> 20) MiB; is it a summary?")
    }
    if let summary = try summary(bytes) { return summary }
    var found: Self?
    for (number, line) in bytes.split(separator: 0x0A).enumerated() {
      do {
        guard let next = try summary(line) else { continue }
        guard found == nil else {
          throw ReadingError(description: "a second summary; give each a file of its own")
        }
        found = next
      } catch {
        throw ReadingError(description: "line \(number + 1): \(error)")
      }
    }
    guard let found else {
      throw ReadingError(description: "there is no summary in it; write one with --format json, or ndjson")
    }
    return found
  }

  /// Nil if it is no summary.
  private static func summary(_ bytes: Data) throws(ReadingError) -> Self? {
    guard let value = try? JSONSerialization.jsonObject(with: bytes), let object = value as? [String: Any],
      let schema = object["schema"] as? String
    else { return nil }
    guard schema == schemaName else {
      if schema.hasPrefix("leakaudit.summary/") {
        throw ReadingError(description: "it is of the schema \(schema), and this version reads \(schemaName)")
      }
      return nil
    }
    let summary: Self
    do {
      summary = try JSONDecoder().decode(Self.self, from: bytes)
    } catch let error as DecodingError {
      throw ReadingError(description: "it is not a complete summary: \(explain(error))")
    } catch {
      throw ReadingError(description: "it is not a complete summary: \(error.localizedDescription)")
    }
    // If a key appears twice, readers may take either value, so the decoded values are checked.
    guard summary.schema == schemaName, let decoded = try? JSONEncoder().encode(summary),
      let numbers = try? JSONSerialization.jsonObject(with: decoded), areCounts(numbers)
    else {
      throw ReadingError(description: "a number in it is negative or larger than any count; was it edited?")
    }
    guard summary.addsUp else {
      throw ReadingError(description: "its numbers do not add up, or its conclusion does not follow; was it edited?")
    }
    return summary
  }

  private static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' is not what it should be"
    @unknown default: "it cannot be decoded"
    }
  }

  /// Whether no number is negative, and all of them together do not exceed the limit.
  private static func areCounts(_ value: Any) -> Bool {
    var total = 0.0
    return areCounts(value, &total)
  }

  private static func areCounts(_ value: Any, _ total: inout Double) -> Bool {
    switch value {
    case let list as [Any]: return list.allSatisfy { areCounts($0, &total) }
    case let object as [String: Any]: return object.values.allSatisfy { areCounts($0, &total) }
    case let number as NSNumber:
      total += number.doubleValue
      return number.doubleValue >= 0 && total <= totalLimit
    default: return true
    }
  }

  /// Whether every frame is in exactly one class and every leak in the list, and the conclusion follows from them.
  private var addsUp: Bool {
    let byInterface = interfaces.reduce(0) { $0 + $1.frames }
    let entries = leaks.reduce(0) { $0 + $1.frames }
    let failing = leaks.reduce(0) { $0 + (isFailing($1) ? $1.frames : 0) }
    let expected: AuditSummary.Conclusion = failing > 0 ? .leaks : incomplete.isEmpty ? .clean : .incomplete
    guard packetsAddUp else { return false }
    // The steps must hold the frames that were counted; otherwise the picture would show something else.
    let steps = traffic.map { traffic in VerdictClass.allCases.reduce(0) { $0 + traffic[$1].reduce(0, &+) } }
    guard steps ?? 0 == frames, traffic == nil || traffic?.finest != nil else { return false }
    // A leak on an unknown interface would be in no test case of JUnit.
    let names = Set(interfaces.map(\.name))
    guard leaks.allSatisfy({ names.contains($0.interface) }) else { return false }
    return frames == tunnel + local + leak + allowed + ingress && frames == byInterface && leak == entries
      && failingLeaks == failing && conclusion == expected && audits > 0
  }

  /// Whether no entry has more packets than frames and the packets add up to the total; or no packets are stated
  /// anywhere.
  private var packetsAddUp: Bool {
    let placed = leakWindows.list.compactMap(\.packets)
    // Each interface shows a packet at most once; where it shows it twice, the count is not certain.
    for (packets, frames) in [(tunnelPackets, tunnel), (localPackets, local), (allowedPackets, allowed)] {
      if let packets, !(0...frames).contains(packets) || packets == 0 && frames > 0 { return false }
    }
    guard let leakPackets else { return leaks.allSatisfy { $0.packets == nil } && placed.isEmpty }
    guard placed.isEmpty || placed.count == leakWindows.list.count && placed.reduce(0, +) == leakPackets,
      leakWindows.list.allSatisfy({ $0.packets ?? 0 <= $0.frames })
    else { return false }
    let known = leaks.compactMap { leak in leak.packets.flatMap { $0 <= leak.frames ? $0 : nil } }
    return known.count == leaks.count && known.reduce(0, +) == leakPackets
  }
}
