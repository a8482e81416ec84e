import Audit
import Policy
import TestSupport
import Testing
import Wire

/// The explanation of the last frame; nil if there is none.
func explained(
  _ frames: [SampleFrame], _ policy: TunnelPolicy, role: InterfaceRole? = nil
) -> Explanation? {
  explanations(frames, policy, role: role).last ?? nil
}

/// The explanation of each frame of one audit.
func explanations(
  _ frames: [SampleFrame], _ policy: TunnelPolicy, role: InterfaceRole? = nil
) -> [Explanation?] {
  var auditor = Auditor(policy, seed: 1)
  var cursor = SourceCursor()
  cursor.interfaces = [
    auditor.attach(InterfaceTally(name: "if0", linkType: frames.first?.linkType ?? .raw, role: role))
  ]
  var list: [Explanation?] = []
  for (index, frame) in frames.enumerated() {
    auditor.keepSteps(ofFrame: index + 1)
    var explainer = FrameExplainer(frame: index + 1)
    var source = FrameList([frame])
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &explainer)
    list.append(auditor.explain(explainer))
  }
  return list
}
