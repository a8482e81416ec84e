package import Audit

/// Who sent a leak, in summaries and alerts.
package struct LeakSenderEntry: Codable, Hashable, Sendable {
  package var certainty: LeakSender.Certainty
  /// Absent outside of containers.
  package var container: String?
  package var program: String?
  /// The process's number on the machine, and in its container.
  package var process, processInContainer: Int?

  package init(_ sender: LeakSender) {
    certainty = sender.certainty
    container = sender.container
    program = sender.program
    process = sender.process
    processInContainer = sender.innerProcess
  }

  /// `qbittorrent (python3.11 /app/tracker.py, pid 812)`.
  package var sentence: String { Self.sentence(container, [words]) }

  /// The same for several, by container: `qbittorrent (curl, pid 812; dig, pid 815)`. They must be sorted.
  package static func sentences(_ senders: [Self]) -> [String] {
    var groups: [(container: String?, words: [String])] = []
    for sender in senders {
      if let last = groups.indices.last, groups[last].container == sender.container {
        groups[last].words.append(sender.words)
      } else {
        groups.append((sender.container, [sender.words]))
      }
    }
    return groups.map { sentence($0.container, $0.words) }
  }

  private static func sentence(_ container: String?, _ words: [String]) -> String {
    let words = words.joined(separator: "; ")
    return container.map { "\($0) (\(words))" } ?? words
  }

  private var words: String {
    let known = [program, process.map { "pid \($0)" }].compactMap(\.self).joined(separator: ", ")
    return switch certainty {
    case .sent: known
    case .used: known + ", from its socket"
    case .listed: known.isEmpty ? "one of several processes with the socket" : known + ", which has the socket"
    case .kernel: "the kernel, or forwarded"
    case .unknown: "an unknown process"
    }
  }

  package static func isBefore(_ one: Self, _ other: Self) -> Bool {
    one.order.lexicographicallyPrecedes(other.order)
  }

  private var order: [String] {
    [container ?? "", program ?? "", number(process), number(processInContainer), certainty.rawValue]
  }

  /// As a text in the order of numbers.
  private func number(_ value: Int?) -> String {
    let digits = value.map(String.init) ?? ""
    return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
  }

  package func redacted(by redaction: some Redaction) -> Self {
    var shown = self
    shown.container = container.map(redaction.word)
    // The user chooses what a program is called, as with one that names itself on the wire.
    shown.program = program.map { redaction.detail(LeakDetail(.software, $0)).text }
    return shown
  }
}
