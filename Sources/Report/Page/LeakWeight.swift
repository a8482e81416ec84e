import Audit

/// How much a leak counts: it decides the leak's colour and the page's totals.
enum LeakWeight {
  /// Fails the audit.
  case failing
  /// Below the severity that fails, or harmless by its circumstances.
  case mild
  /// Not judged: the host's leak where the stack is audited, or the other way round.
  case apart
}
