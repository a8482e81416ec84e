import Audit
import Summaries
import Text

/// What a page says with its colour and its headline.
enum PageState: String {
  case clean, leaks, incomplete
  /// Nothing leaked, but nothing went through a tunnel either. That does not prove that a VPN would have held, so it is
  /// not green.
  case unproven

  init(_ summary: Summary) {
    switch summary.conclusion {
    case .clean: self = summary.tunnel == 0 ? .unproven : .clean
    case .leaks: self = .leaks
    case .incomplete: self = .incomplete
    }
  }

  var headline: String {
    switch self {
    case .clean: "Clean"
    case .leaks: "Leaks"
    case .incomplete: "Incomplete"
    case .unproven: "No leak seen, no VPN either"
    }
  }
}

extension Summary {
  func weight(_ leak: LeakEntry) -> LeakWeight { leak.isApart ? .apart : isFailing(leak) ? .failing : .mild }

  var failingEntries: [LeakEntry] { countedLeaks.filter(isFailing) }
  var apartEntries: [LeakEntry] { countedLeaks.filter(\.isApart) }

  /// Whose leaks are not judged.
  var apartOwner: String { scope == .host ? "the stack" : "the host" }

  /// Leaked frames that do not fail the audit, in words: `, 4 of them not judged`. Frames and not packets, as in the
  /// lane and the table beside it.
  var mildFrames: String {
    func text(_ weight: LeakWeight, _ words: String) -> String {
      let frames = leaks.reduce(0) { $0 + (self.weight($1) == weight ? $1.frames : 0) }
      return frames == 0 ? "" : ", \(Formatting.number(frames)) of them \(words)"
    }
    return text(.apart, "not judged") + text(.mild, "do not fail the audit")
  }
}
