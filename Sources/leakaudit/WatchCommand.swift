import ArgumentParser
import Audit
import Capture
import Policy
import Report
import Text
import TextFiles
import Watching
import Wire

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Audits a running stack: captures bridge and NIC, and reports leaks as they happen.",
    discussion: """
      Start it before the stack: a kill switch fails most often in the first second. Interfaces may be named before \
      they exist. Ctrl-C ends the watch and prints its summary; SIGUSR1 prints one without ending it.

      Exit status: 0 clean, 1 leaks, 3 incomplete (no leak seen, but not all traffic was seen), 64 bad options \
      or policy, 66 no interface, 74 the output could not be written, 77 no permission.
      """)

  @Option(
    name: [.customShort("i"), .long],
    help: ArgumentHelp(
      "An interface to audit (repeatable); by default, the bridges and the NIC of the default route.",
      valueName: "interface"))
  var interface: [String] = []

  @Flag(name: [.customShort("D"), .long], help: "List the interfaces and which of them are audited, and end.")
  var listInterfaces = false

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var conclusion: ConclusionOptions
  @OptionGroup var redaction: RedactionOptions

  @Option(
    help:
      """
      text, json, ndjson (alerts as they happen, then leaks, the summary last), html, markdown, junit, csv (the leaks), \
      prometheus, or ecs (events for a SIEM, one a line, at the end).
      """
  )
  var format = SummaryFormat.text

  @Option(help: ArgumentHelp("End after this many seconds.", valueName: "seconds"))
  var duration: Double?

  @Option(name: [.customShort("c"), .long], help: ArgumentHelp("End after this many frames.", valueName: "frames"))
  var count: Int?

  @Option(help: ArgumentHelp("Sum up repeated leaks at this interval.", valueName: "seconds"))
  var repeatEvery: Double = 60

  @Option(
    help: ArgumentHelp("Alert only for these reasons, such as dns; the audit still counts all.", valueName: "reason"))
  var only: [String] = []

  @Option(help: ArgumentHelp("The kernel's buffer for frames, in MiB.", valueName: "MiB"))
  var buffer = 24

  @Option(name: [.customShort("s"), .long], help: ArgumentHelp("Bytes kept of each frame.", valueName: "bytes"))
  var snapshotLength = 2048

  @Option(
    help: ArgumentHelp("The unprivileged user to become once the capture is open (root only).", valueName: "name"))
  var user: String?

  @OptionGroup var outputs: OutputOptions
  @OptionGroup var serve: ServeOptions

  @Flag(inversion: .prefixedNo, help: "Ask Docker's engine (DOCKER_HOST, or its usual socket) for containers' names.")
  var docker = true

  @Option(help: "Ask the kernel which process sends (auto: if it lets us), or not (off).")
  var who = KernelChoice.auto

  @Option(
    name: .customLong("kernel-counting"),
    help: ArgumentHelp(
      "Let the kernel count packets of known flows (auto: if it lets us), or read each packet (off).",
      discussion: "With --count or --evidence each packet is read."))
  var kernelCounting = KernelChoice.auto

  @Flag(
    help: "Run wg in the running gateway to get the Endpoint (never a key), or read it from gluetun's log.")
  var askGateway = false

  @Flag(help: "Send a marked frame to a documentation address on each interface, and require that it is seen.")
  var control = false

  @OptionGroup var settings: SettingsOptions
  @OptionGroup var habits: HabitOptions

  /// tcpdump takes a filter here. It is read only to be refused.
  @Argument(help: .hidden)
  var filter: [String] = []

  func validate() throws {
    if let duration, !(duration > 0 && duration < 1e9) { throw ValidationError("--duration takes seconds above 0") }
    if let count, count <= 0 { throw ValidationError("--count takes a number of frames above 0") }
    if !(repeatEvery >= 0.1 && repeatEvery < 1e9) { throw ValidationError("--repeat-every takes at least 0.1 s") }
    if !(1...1024).contains(buffer) { throw ValidationError("--buffer takes 1 to 1024 MiB") }
    if !(64...262_144).contains(snapshotLength) {
      throw ValidationError("--snapshot-length takes 64 to 262144 bytes: less would hide what decoding needs")
    }
    for text in policy.role where !interface.isEmpty {
      let name = text.prefix { $0 != "=" }
      if !interface.contains(String(name)) {
        throw ValidationError("--role '\(text)': audited are \(interface.joined(separator: ", "))")
      }
    }
    for reason in only where LeakReason(rawValue: reason) == nil {
      throw ValidationError(
        "--only '\(reason)': the reasons are \(LeakReason.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if interface.contains("any") {
      throw ValidationError("-i any: name the bridge and the NIC instead; the audit must know which one is which")
    }
  }

  func run() throws {
    if let first = filter.first {
      guard FilterWords.isFilter(filter) else {
        throw Failure(status: .usage, message: "'\(Formatting.safe(first))': interfaces are named with -i")
      }
      throw FilterWords.refusal(filter, advice: "For alerts of some kinds: --only dns")
    }
    if listInterfaces { return try printInterfaces() }
    let privileged = Privileged()
    let site = try serve.site()
    var understood = try understand()
    let events = try WatchEvents(privileged)
    let containers = try follow(&understood, privileged)
    let choice = try InterfaceChoice(named: interface, stack: understood.stack, containers: containers.snapshot)
    choice.declareNetworks(in: &understood.policy)
    let opened = try open(choice, understood, events, containers, privileged)
    let redactor = redaction.redactor(understood.policy, files: files)
    let outputFiles = try openFiles(opened, understood.policy, redactor, privileged)
    let service = try site.map {
      WatchTelling.Service(try $0.listen(privileged), $0.access, version: ProgramVersion.number)
    }

    let unprivileged = try privileged.drop(to: user)
    sayWhatIsWatched(opened, choice)
    let telling = try startTelling(outputFiles, service, page: site?.page, redactor, unprivileged)
    var watch = Watch(
      opened, telling, Watch.Limits(duration: duration, frames: count, repeatEvery: repeatEvery),
      conclusion.rules(understood, files: files, host: Self.host), unprivileged)
    let summary = watch.run()
    try end(summary, redactor, telling.screen)
  }
}
