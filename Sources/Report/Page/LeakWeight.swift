import Audit
import Summaries
import Text

/// How a leak counts, for its colour and for the sums of a page.
enum LeakWeight {
  /// Fails the audit.
  case failing
  /// Below the severity that fails, or harmless by its circumstances.
  case mild
  /// The host's, where the stack is audited, or the other way round.
  case apart
}
