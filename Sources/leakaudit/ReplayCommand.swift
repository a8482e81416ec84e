public import ArgumentParser
public import Audit
public import Policy
import PolicyFiles
import Report
import Savefile
import Wire

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Audits saved captures: pcap or pcapng, plain, gzip or zstd; '-' is standard input.",
    discussion: """
      Several files are one audit, merged by time, each with interfaces of its own: give the bridge's and the \
      NIC's captures together. Without a policy, endpoints are inferred from the handshakes in the capture.

      Exit status: 0 clean, 1 leaks, 3 incomplete (no leak seen, but less was seen than happened), 64 bad options \
      or policy, 65 not a capture or unsupported link type, 66 no such file, 77 no permission.
      """)

  @Argument(help: "Capture files, FIFOs, or '-'.")
  var files: [String]

  @OptionGroup var policy: PolicyOptions

  @Option(help: "text, json, or ndjson (one object per line: frames if asked for, leaks, the summary last).")
  var format: Format?

  @Flag(help: "One JSON object per frame, before the summary; the format is then ndjson unless given.")
  var perFrame = false

  @Flag(help: "Wait for more where a file ends, until a signal ends the audit.")
  var follow = false

  @Flag(help: "Audit the other interfaces where one has an unsupported link type; the audit is then incomplete.")
  var skipUnsupported = false

  @Option(help: "The least severity that fails the audit: info, low, medium, high or critical.")
  var failOn = Severity.low

  @Option(help: "Whose leaks fail the audit where a bridge is audited beside the NIC: stack, host or all.")
  var scope = AuditSummary.Scope.stack

  @Flag(help: "Incomplete unless at least one tunnel packet is seen.")
  var requireTunnel = false

  @Flag(help: "A positive control: succeed only if a leak is found.")
  var expectLeak = false

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson }

  func validate() throws {
    if files.isEmpty { throw ValidationError("name a capture file, or '-' for standard input") }
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read only once") }
  }

  func run() throws {
    let understood = try policy.understand()
    for problem in understood.problems { StandardError.line(problem.description) }
    let interruption = Interruption()
    let replay = Replay(
      paths: files, follow: follow, skipUnsupported: skipUnsupported, interruption: interruption)
    var policy = understood.policy
    var isInferring = understood.saysNoEndpoint
    if isInferring, !follow, let endpoints = try replay.scoutEndpoints(policy) {
      // The files can be read twice: with all endpoints known from the first frame on, no packet before
      // the first handshake is taken for a leak.
      policy.endpoints = endpoints
      isInferring = false
    }
    var rules = ConclusionRules()
    rules.failOn = failOn
    rules.requiresTunnel = requireTunnel
    rules.scope = scope
    rules.isPolicyInferred = understood.saysNoEndpoint
    rules.notices = understood.problems.map { .init(.policyProblem, $0.description) }

    var auditor = Auditor(policy, infersEndpoints: isInferring)
    let outputFormat = format ?? (perFrame ? .ndjson : .text)
    let sources = try replay.open()
    let isLive = sources.contains { $0.isStream }
    if isLive { interruption.drainStreams() }
    var printer = FramePrinter(output: StandardOutput(flushesLines: isLive && perFrame))
    let outcome =
      perFrame
      ? replay.audit(sources, &auditor, &printer) : replay.audit(sources, &auditor)
    rules.incomplete = outcome.incomplete
    rules.notices += outcome.notices
    if let endpoint = auditor.unansweredEndpoints.first {
      printer.output.flush()
      let name = endpoint.value.name
      throw Failure(
        status: .usage,
        message:
          "\(endpoint.origin): no DNS answer in the capture gives the address of the Endpoint \(name), so tunnel "
          + "and leak cannot be told apart; state it with --resolve \(name)=ADDRESS")
    }
    let summary = auditor.summary(rules)
    printer.output.write(try Self.text(summary, outputFormat))
    printer.output.flush()
    if let code = printer.output.failure {
      StandardError.line("standard output: \(SystemError.message(code)); the summary was not delivered")
    }
    let status = status(summary, outcome, isDelivered: printer.output.failure == nil)
    if status != .clean { throw ExitCode(status.rawValue) }
  }

  private static func text(_ summary: AuditSummary, _ format: Format) throws -> String {
    switch format {
    case .text:
      let text = TextSummary.text(summary)
      return StandardOutput.takesColour ? coloured(text, summary.conclusion) : text
    case .json: return try JSON.pretty(SummaryDocument(summary))
    case .ndjson:
      let document = SummaryDocument(summary)
      return try document.leakLines() + JSON.line(document)
    }
  }

  /// The conclusion's own word in colour: green, red or yellow, as test runners have it.
  private static func coloured(_ text: String, _ conclusion: AuditSummary.Conclusion) -> String {
    let word = text.prefix(while: \.isLetter)
    let code =
      switch conclusion {
      case .clean: 32
      case .leaks: 31
      case .incomplete: 33
      }
    return "\u{1B}[1;\(code)m\(word)\u{1B}[0m" + text.dropFirst(word.count)
  }

  /// Leaks win over incomplete; an input that was refused wins over both, because it is not the audit that
  /// was asked for; and a summary that nobody received is not clean.
  private func status(_ summary: AuditSummary, _ outcome: Replay.Outcome, isDelivered: Bool) -> ExitStatus {
    if let refusal = outcome.refusal { return refusal }
    if expectLeak {
      if summary.failingLeaks > 0 { return isDelivered ? .clean : .incomplete }
      StandardError.line("a leak was expected, and none was found")
      return summary.conclusion == .clean ? .leaks : .incomplete
    }
    switch summary.conclusion {
    case .leaks: return .leaks
    case .incomplete: return .incomplete
    case .clean: return isDelivered ? .clean : .incomplete
    }
  }
}

extension Severity: ExpressibleByArgument {}
extension AuditSummary.Scope: ExpressibleByArgument {}
