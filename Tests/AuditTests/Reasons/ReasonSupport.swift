import Audit
import Policy
import TestSupport
import Testing
import Wire

/// The explanation of the last frame; nil if there is none.
func explained(
  _ frames: [SampleFrame], _ policy: TunnelPolicy, role: InterfaceRole? = nil
) -> Explanation? {
  var auditor = Auditor(policy, seed: 1)
  var cursor = SourceCursor()
  cursor.interfaces = [
    auditor.attach(InterfaceTally(name: "if0", linkType: frames.first?.linkType ?? .raw, role: role))
  ]
  auditor.keepSteps(ofFrame: frames.count)
  var explainer = FrameExplainer(frame: frames.count)
  var source = FrameList(frames)
  _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &explainer)
  return auditor.explain(explainer)
}
