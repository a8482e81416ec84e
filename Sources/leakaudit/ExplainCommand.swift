import ArgumentParser
import Audit
import Policy
import PolicyFiles
import Report
import Text
import TextFiles
import Wire

/// Shows how one frame got its verdict, so that it can be checked and disputed.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Shows step by step why a packet was judged as it was: each question of the contract, and what answered it.",
    usage: """
      leakaudit explain <capture> <frame> [<options>]
      leakaudit explain <protocol> <source[:port]> <destination[:port]> [<options>]
      """,
    discussion: """
      Frames count from 1, as in --per-frame. Without a policy, endpoints are inferred from the handshakes in the capture. A packet \
      that is only described has no content, so to an Endpoint's port it does not count as WireGuard.

      Exit status: 0 explained, 64 bad options or policy, 65 not a capture, or no such frame in it, 66 no such file.
      """)

  @Argument(
    help: "A capture and a frame's number; or tcp, udp, icmp or a protocol's number, and two addresses with ports.")
  var what: [String]

  @OptionGroup var policy: PolicyOptions

  func validate() throws {
    guard what.count == 2 || what.count == 3 else {
      throw ValidationError("name a capture and a frame, or a protocol, a source and a destination")
    }
  }

  func run() throws {
    let understood = try policy.understand()
    for problem in understood.problems { StandardError.line(problem.description) }
    let (explanation, place) = try what.count == 2 ? explainFrame(understood) : explainPacket(understood)
    var output = StandardOutput(flushesLines: false)
    output.write(ExplanationText.text(explanation, place: place, StandardOutput.layout))
    output.flush()
    try output.demandDelivery("the explanation")
  }

  private func explainFrame(_ understood: PolicyOptions.Understood) throws -> (Explanation, String) {
    guard let number = Int(what[1]), number > 0 else {
      throw Failure(status: .usage, message: "'\(Formatting.safe(what[1]))' is not a frame number: frames count from 1")
    }
    let replay = Replay(paths: [what[0]], follow: false, skipUnsupported: false, interruption: Interruption())
    let isInferring = understood.saysNoEndpoint
    let proven = isInferring && replay.canReadTwice ? try replay.apparentEndpoints(understood.policy) : []
    let junk =
      understood.policy.mayHoldJunk && replay.canReadTwice ? try replay.junkFrames(understood.policy) : nil
    var auditor = Auditor(
      understood.policy, infersEndpoints: isInferring, foreknown: proven, foreknownJunk: junk)
    auditor.keepSteps(ofFrame: number)
    var explainer = FrameExplainer(frame: number)
    let outcome = replay.audit(try replay.open(), &auditor, &explainer)
    if let refusal = Replay.unmatchedRoles(understood.policy, outcome.names).first {
      throw Failure(status: .usage, message: refusal)
    }
    guard let explanation = auditor.explain(explainer) else {
      throw Failure(
        status: outcome.refusal ?? .data,
        message:
          "\(Formatting.safe(what[0])): there is no frame \(number); it has \(Formatting.count(auditor.frames, "frame"))"
      )
    }
    return (explanation, "frame \(number) of \(what[0])")
  }

  private func explainPacket(_ understood: PolicyOptions.Understood) throws -> (Explanation, String) {
    var packet = try DescribedPacket(what)
    var auditor = Auditor(understood.policy)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "no interface", linkType: .ethernet, role: nil))]
    auditor.keepSteps(ofFrame: 1)
    var explainer = FrameExplainer(frame: 1)
    _ = auditor.audit(&packet, &cursor, until: .distantFuture, limit: 1, observer: &explainer)
    guard let explanation = auditor.explain(explainer) else {
      throw Failure(status: .usage, message: "the packet cannot be described")
    }
    return (explanation, "\(what[0]) \(what[1]) -> \(what[2])")
  }
}
