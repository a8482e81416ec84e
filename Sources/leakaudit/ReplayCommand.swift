import ArgumentParser
import Audit
import Glibc
import Policy
import PolicyFiles
import Report
import Savefile
import Summaries
import Text
import TextFiles
import Wire

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Audits saved captures: pcap or pcapng, plain, gzip, zstd, xz or lz4; '-' is standard input.",
    discussion: """
      Several files make one audit, merged by time; each has its own interfaces. Give the bridge's and the \
      NIC's captures together. Without a policy, endpoints are inferred from the handshakes in the capture.

      Exit status: 0 clean, 1 leaks, 3 incomplete (no leak seen, but not all traffic was seen), 64 bad options \
      or policy, 65 not a capture, unsupported link type, or not a wg0.conf, 66 no such file, 74 the output could not be \
      written, 77 no permission.
      """)

  @Argument(help: "Capture files, FIFOs, or '-'.")
  var files: [String] = []

  @OptionGroup var policy: PolicyOptions

  @Option(
    help: """
      text, json, ndjson (one object per line: frames if asked for, leaks, the summary last), html, markdown, junit, csv \
      (the leaks), prometheus, or ecs (events for a SIEM, one a line).
      """)
  var format: SummaryFormat?

  @Flag(help: "One JSON object per frame, before the summary; the format is then ndjson unless given.")
  var perFrame = false

  @Option(
    help: ArgumentHelp("Write the leaking frames to a new pcapng file, each with a comment.", valueName: "file"))
  var evidence: String?

  @Flag(
    help: ArgumentHelp(
      "Audit each file separately, on all cores, and make one report.",
      discussion: """
        For archives. What depends on the order of packets across files stays as each audit saw it. JUnit's format has a suite \
        for each file.
        """))
  var each = false

  @Flag(help: "At a file's end, wait for more, until a signal ends the audit.")
  var follow = false

  @Flag(help: "If one interface has an unsupported link type, audit the others; the audit is then incomplete.")
  var skipUnsupported = false

  @OptionGroup var habits: HabitOptions
  @OptionGroup var conclusion: ConclusionOptions
  @OptionGroup var redaction: RedactionOptions

  func validate() throws {
    if files.isEmpty {
      throw ValidationError(
        isatty(STDIN_FILENO) == 1
          ? "name capture files, or '-' for standard input"
          : "no capture files are named; to read standard input: leakaudit replay -")
    }
    if each, perFrame || follow || files.contains("-") {
      throw ValidationError("--each needs files, and cannot be used with --per-frame or --follow")
    }
    if evidence != nil, each || follow || files.contains("-") {
      throw ValidationError("--evidence reads files twice; it cannot be used with --each, --follow or '-'")
    }
    if perFrame, ![nil, .text, .json, .ndjson].contains(format) {
      throw ValidationError("--per-frame needs --format ndjson, json or text")
    }
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read only once") }
  }

  func run() throws {
    if let filter = FilterWords.trailing(files) {
      throw FilterWords.refusal(filter, advice: "To look at some packets: tcpdump -r FILE, or --per-frame")
    }
    let understood = try policy.understand()
    for problem in understood.problems { StandardError.line(problem.description) }
    let interruption = Interruption()
    if each { return try runEach(understood, interruption) }
    let replay = Replay(
      paths: files, follow: follow, skipUnsupported: skipUnsupported, interruption: interruption)
    let policy = understood.policy
    let isInferring = understood.saysNoEndpoint
    var rules = conclusion.rules(understood, files: self.policy.files + files + [evidence].compactMap(\.self))

    var auditor = Auditor(policy, infersEndpoints: isInferring)
    let outputFormat = format ?? (perFrame ? .ndjson : .text)
    let sources = try replay.open()
    let isLive = sources.contains { $0.isStream }
    if isLive { interruption.drainStreams() }
    let redactor = redaction.redactor(policy, files: rules.files)
    // Created first, so that a file that cannot be written is known before a long audit.
    var writer: EvidenceWriter?
    if let evidence {
      guard replay.canReadTwice else {
        throw Failure(
          status: .usage, message: "--evidence reads captures twice, and one of these is not a regular file")
      }
      writer = try EvidenceWriter(evidence, redactor, policy)
    }
    var printer = FramePrinter(output: StandardOutput(flushesLines: isLive && perFrame), redactor)
    // What a packet was may become clear only when a later handshake proves where the tunnel goes, or explains the junk
    // before it. The files are then read a second time.
    let isReadTwice = perFrame && replay.canReadTwice && (isInferring || policy.mayHoldJunk)
    let outcome =
      perFrame && !isReadTwice
      ? replay.audit(sources, &auditor, &printer) : replay.audit(sources, &auditor)
    if isReadTwice { try readAgain(replay, policy, isInferring, auditor, &printer) }
    let refusedRoles = Replay.unmatchedRoles(policy, outcome.names)
    for refusal in refusedRoles { StandardError.line(refusal) }
    rules.gaps =
      outcome.gaps
      + refusedRoles.map { Gap($0, .lost, do: "give the role to an interface that exists") }
    rules.notices += outcome.notices
    if var writer = writer.take() {
      try readAgain(replay, policy, isInferring, auditor, &writer)
      rules.notices += writer.finish()
    }
    if let endpoint = auditor.unansweredEndpoints.first {
      printer.output.flush()
      throw Failure(unanswered: endpoint)
    }
    let summary = auditor.summary(rules)
    printer.output.write(try outputFormat.text(summary, redactor, captures: files, evidence: evidence))
    printer.output.flush()
    if let code = printer.output.failure {
      StandardError.line("standard output: \(SystemError.message(code)); the summary was not delivered")
    }
    // A refused input decides the status: this is not the audit that was asked for.
    let status =
      outcome.refusal ?? (refusedRoles.isEmpty ? nil : .usage)
      ?? conclusion.status(summary, isDelivered: printer.output.failure == nil)
    if status != .clean { throw ExitCode(status.rawValue) }
  }

  /// Prints each frame's verdict as it turned out at the end.
  private func readAgain<Observer: FrameObserver & ~Copyable>(
    _ replay: Replay, _ policy: TunnelPolicy, _ isInferring: Bool, _ known: borrowing Auditor,
    _ observer: inout Observer
  ) throws {
    var replay = replay
    replay.isSecondReading = true
    var auditor = Auditor(
      policy, infersEndpoints: isInferring,
      foreknown: isInferring ? known.apparentEndpoints : [], foreknownJunk: known.junkFrames)
    _ = replay.audit(try replay.open(), &auditor, &observer)
  }

  private func runEach(_ understood: PolicyOptions.Understood, _ interruption: Interruption) throws {
    let replays = SeparateReplays(paths: files, skipUnsupported: skipUnsupported, interruption: interruption)
    try replays.demandFiles()
    var policy = understood.policy
    if understood.saysNoEndpoint { policy.endpoints = replays.provenEndpoints(policy) }
    let audited = replays.audit(
      policy, infersEndpoints: understood.saysNoEndpoint, conclusion.rules(understood, files: self.policy.files + files)
    )
    let refusedRoles = Replay.unmatchedRoles(policy, audited.flatMap(\.names))
    // A file that could not be read may be the one that matters. It is reported below, beside what the others hold.
    let isWhole = audited.allSatisfy { (try? $0.summary.get()) != nil }
    if isWhole, !refusedRoles.isEmpty { throw Failure(status: .usage, message: refusedRoles.joined(separator: "\n")) }
    let redactor = redaction.redactor(policy, files: self.policy.files + files)
    var scenarios: [(name: String, summary: Summary)] = []
    var refused: [(name: String, failure: Failure)] = []
    for audited in audited {
      let name = ReportCommand.name(audited.path)
      switch audited.summary {
      case .success(let summary):
        let document = Summary(summary)
        scenarios.append((name, redactor?.summary(document) ?? document))
      case .failure(let failure):
        StandardError.line(failure.message)
        refused.append((name, failure))
      }
    }
    if let audited = scenarios.first?.summary {
      scenarios += refused.map {
        ($0.name, .unread(redactor?.scrub($0.failure.message) ?? $0.failure.message, beside: audited))
      }
    } else if let first = refused.first {
      throw ExitCode(first.failure.status.rawValue)
    }
    var output = StandardOutput(flushesLines: false)
    output.write(try (format ?? .text).text(scenarios))
    output.flush()
    if let code = output.failure {
      StandardError.line("standard output: \(SystemError.message(code)); the summary was not delivered")
    }
    let merged = try Summary.merged(scenarios.map(\.summary))
    let status =
      audited.compactMap(\.refusal).first
      ?? conclusion.status(merged.conclusion, hasLeaks: merged.failingLeaks > 0, isDelivered: output.failure == nil)
    if status != .clean { throw ExitCode(status.rawValue) }
  }
}
