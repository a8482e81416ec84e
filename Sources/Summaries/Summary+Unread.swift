import Audit
import Policy
import Text

extension Summary {
  /// A summary for a file that could not be audited or read, made next to one that could: nothing was seen of it, and
  /// any summary it is merged with becomes incomplete.
  package static func unread(_ reason: String, beside other: Self) -> Self {
    let none = Classes(frames: 0, tunnel: 0, local: 0, leak: 0, allowed: 0, ingress: 0)
    let window = Window(frames: 0, bytes: 0, milliseconds: 0)
    return Self(
      audits: 0, conclusion: .incomplete, frames: 0, tunnel: 0, local: 0, leak: 0, allowed: 0, ingress: 0,
      failingLeaks: 0, failOn: other.failOn, scope: other.scope, bytes: none, leaks: [],
      leakWindows: Windows(beforeHandshake: window, whileUp: window, afterLast: window), timeline: [],
      timelineOthers: 0, controlFrames: [], interfaces: [], tunnelStates: [], served: Amount(frames: 0, bytes: 0),
      localKinds: [], undeclared: [], allowedBy: [], notices: [], incomplete: [Formatting.safe(reason)],
      remedies: [Remedy(reason: Formatting.safe(reason), action: "give a file that can be read, or leave it out")],
      policy: other.policy)
  }
}
