package import Audit
package import Policy
import Summaries
import Text
import Wire

/// What the evidence says about a leaking frame, as Wireshark shows it.
package enum LeakComment {
  private static let beginning = "leakaudit: leak "

  /// The reason that a comment gives; nil if it is not one of a leak, as those of frames around it.
  package static func reason(in comment: String) -> LeakReason? {
    guard comment.hasPrefix(beginning) else { return nil }
    return LeakReason(rawValue: String(comment.dropFirst(beginning.count).prefix { $0 != " " }))
  }

  /// Whether a frame with this comment was kept as evidence.
  package static func isOfEvidence(_ comment: String) -> Bool { comment.hasPrefix("leakaudit: ") }

  /// `leakaudit: leak dns (high): DNS query outside the tunnel; by wireguard; attempted; tunnel silent for 2.9 s`.
  package static func text(_ leak: Leak, from senders: [LeakSender] = [], _ redactor: Redactor? = nil) -> String {
    let questions = leak.questions.map { redactor?.question($0.text) ?? $0.text }
    let details = leak.details.map { LeakDetailEntry(redactor?.detail($0) ?? $0).sentence }
    let sentBy = senders.map { LeakSenderEntry(redactor?.sender($0) ?? $0).sentence }
    let origin = redactor?.origin(leak.key.origin) ?? leak.key.origin
    let parts = [
      "\(beginning)\(leak.key.reason.rawValue) (\(leak.severity.rawValue)): \(redactor?.scrub(leak.title) ?? leak.title)",
      questions.isEmpty ? nil : "asked for \(questions.joined(separator: ", "))",
      details.isEmpty ? nil : details.joined(separator: ", "),
      origin.name.map { "by \($0)" }, sentBy.isEmpty ? nil : "sent by \(sentBy.joined(separator: " or "))",
      leak.fate?.rawValue, leak.phase.text,
      leak.frameInFile.map { "frame \($0) of its file" },
    ]
    return Formatting.safe(parts.compactMap(\.self).joined(separator: "; "))
  }
}
