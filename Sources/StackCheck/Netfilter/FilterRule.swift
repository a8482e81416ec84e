import TextFiles
import Wire

/// A rule, and where it was made.
struct FilterRule: Hashable, Sendable {
  var matches: [RuleMatch]
  var action: Action
  /// What it changes in a packet before its action, if the action itself is not a change.
  var change: Change?
  /// Whether it may set the mark that is saved with the flow.
  var marksFlow = false
  /// Which address it translates, if the file says no more about it.
  var translates: Translation?
  /// The answer to the sender of a refused packet; nil for none.
  var answer: String?
  var place: SourcePlace
  /// As a person would write it.
  var text: String
  /// False for a rule that only some ways through the script make.
  var isCertain = true

  enum Translation: Hashable, Sendable { case source, destination }

  var asksForOutInterface: Bool { matches.contains(where: \.asksForOutInterface) }

  /// The change that it makes to a packet, whatever happens to the packet then.
  var changes: Change? {
    if case .change(let change) = action { change } else { change }
  }

  enum Action: Hashable, Sendable {
    case accept
    /// DROP and REJECT.
    case refuse
    case leaveChain
    case jump(String)
    case goTo(String)
    /// LOG, a counter: the packet goes on as it is.
    case goOn
    case change(Change)
  }

  /// What a rule changes in a packet, as far as later rules see it.
  enum Change: Hashable, Sendable {
    /// `--set-xmark value/mask`.
    case mark(value: UInt32, mask: UInt32)
    /// A mark whose value nobody can tell.
    case anyMark
    /// The mark that was saved with the flow.
    case flowMark
    /// NOTRACK.
    case untrack
    /// DNAT, REDIRECT. The address is nil if it is not known, the port is nil if it stays.
    case destination(ClosedRange<IPAddress>?, port: ClosedRange<UInt16>?)

    /// Whether it sets a mark whose value nobody can tell.
    var isOfAnyMark: Bool { self == .anyMark || self == .flowMark }

    var isTranslation: Bool {
      if case .destination = self { true } else { false }
    }

    /// Whether the packet leaves the chain with it.
    var endsRules: Bool { isTranslation }

    func apply(to box: inout HeaderBox, _ context: HeaderContext) {
      switch self {
      case .mark(let value, let mask):
        var bits: UInt64 = 0
        for (index, mark) in context.marks.enumerated() where box.marks & 1 << UInt64(index) != 0 {
          let changed = HeaderContext.changed(mark, value, mask)
          bits |= context.marks { $0 == changed }
        }
        if box.marks & context.unknownMark != 0 {
          bits |= mask == .max ? context.marks { $0 == value } : context.anyMark
        }
        box.marks = bits
      case .anyMark, .flowMark: box.marks = context.anyMark
      case .untrack: box.states = .untracked
      case .destination(let range, let port):
        box.destination =
          range.map { $0.lowerBound.number...$0.upperBound.number } ?? context.everything.destination
        box.kinds = .all
        if let port { box.destinationPort = port }
      }
    }
  }

  /// The rules that iptables makes of one with several addresses (iptables(8), -s): one for each pair of addresses.
  var oneForEachAddress: [FilterRule] {
    var rules = [self]
    for (index, match) in matches.enumerated() {
      let tests: [RuleMatch.Test]
      switch match.test {
      case .source(let ranges): tests = ranges.map { .source([$0]) }
      case .destination(let ranges): tests = ranges.map { .destination([$0]) }
      default: continue
      }
      rules = rules.flatMap { rule in
        tests.map { test in
          var rule = rule
          rule.matches[index].test = test
          return rule
        }
      }
    }
    return rules
  }

  /// Whether two rules say the same, wherever they were made.
  func saysSame(as other: FilterRule) -> Bool {
    matches == other.matches && action == other.action && answer == other.answer && change == other.change
      && marksFlow == other.marksFlow
  }
}
