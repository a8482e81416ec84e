import ArgumentParser
import Audit
import CLinux
import Capture
import Containers
import Foundation
import Glibc
import Outputs
import Policy
import PolicyFiles
import Report
import Serving
import Text
import TextFiles
import Wire

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Audits a running stack: captures bridge and NIC, and reports leaks as they happen.",
    discussion: """
      Start it before the stack: a kill switch fails most often in the first second. Interfaces may be named before \
      they exist. Ctrl-C ends the watch and prints its summary; SIGUSR1 prints one without ending it.

      Exit status: 0 clean, 1 leaks, 3 incomplete (no leak seen, but not all traffic was seen), 64 bad options \
      or policy, 66 no interface, 77 no permission.
      """)

  @Option(
    name: [.customShort("i"), .long],
    help: ArgumentHelp(
      "An interface to audit (repeatable); by default, the bridges and the NIC of the default route.",
      valueName: "interface"))
  var interface: [String] = []

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var conclusion: ConclusionOptions
  @OptionGroup var redaction: RedactionOptions

  @Option(
    help:
      """
      text, json, ndjson (alerts as they happen, then leaks, the summary last), html, markdown, junit, csv (the leaks), or \
      prometheus.
      """
  )
  var format = SummaryFormat.text

  @Option(help: ArgumentHelp("End after this many seconds.", valueName: "seconds"))
  var duration: Double?

  @Option(help: ArgumentHelp("End after this many frames.", valueName: "frames"))
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

  @Flag(
    help: "Run wg in the running gateway to get the Endpoint (never a key), or read it from gluetun's log.")
  var askGateway = false

  @Flag(help: "Send a marked frame to a documentation address on each interface, and require that it is seen.")
  var control = false

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
    let site = try serve.site()
    var understood = try policy.understand(asksEngine: docker, asksGateway: askGateway)
    for problem in understood.problems { StandardError.line(problem.description) }
    for endpoint in understood.policy.namedEndpoints {
      StandardError.line(
        "\(endpoint.origin): the address of the Endpoint \(endpoint.value.name) is learned when the stack looks it up; "
          + "if the tunnel is up already, state it with --resolve \(endpoint.value.name)=ADDRESS")
    }
    let signals = try SignalDescriptor()
    let linkEvents = linux_open_link_events()
    guard linkEvents >= 0 else {
      throw Failure(status: .noPermission, message: "interfaces cannot be watched: \(SystemError.message(errno))")
    }
    var policy = understood.policy
    var containers = ContainerView(try docker ? ContainerFeedProcess.start(as: user) : nil)
    containers.begin()
    if let stack = understood.stack, let running = containers.snapshot {
      RunningStack.complete(&policy, stack, running)
      let former = understood.problems
      RunningStack.readLists(&policy, &understood.problems, stack, running)
      for problem in understood.problems where !former.contains(problem) { StandardError.line(problem.description) }
      for list in policy.endpointLists {
        StandardError.line("\(list.value.name): \(list.value.extent) (\(Formatting.safe(list.origin)))")
      }
    }
    let stated = interface.isEmpty ? understood.stack.flatMap(RunningStack.statedBridges) : nil
    let names = try chooseInterfaces(stated, understood.stack, containers.snapshot)
    declareNetworks(of: names, in: &policy)

    var auditor = Auditor(policy, infersEndpoints: understood.saysNoEndpoint)
    // If the files name the stack's bridges, those are audited, whether they exist yet or not.
    let discovers = interface.isEmpty && stated == nil
    auditor.awaitsBridges =
      discovers && (containers.snapshot != nil || !NetworkInterfaces.bridges(active: false).isEmpty)
    var interfaces = AuditedInterfaces(names, discovers: discovers, policy, &auditor)
    // If the user names interfaces, no others are audited.
    interfaces.stack = interface.isEmpty ? understood.stack : nil
    interfaces.ignoreForeignBridges(containers.snapshot)
    containers.tell(&auditor)
    var capture = try open()
    do throws(CaptureError) { try interfaces.begin(&capture, &auditor, at: .now) } catch { throw Self.failure(error) }
    for name in interfaces.absent { StandardError.line("\(name) does not exist yet; waiting for it") }
    let controlFrame = try control ? openControl(interfaces, &auditor) : nil
    let redactor = redaction.redactor(policy, files: self.policy.files + outputs.files)
    let captureLimit = snapshotLength + LiveCapture.headerLength
    var files = try outputs.open(
      comment: redactor?.evidenceComment(policy),
      audited: interfaces.names.map {
        EvidenceFile.Interface(
          name: redactor?.scrub(value: $0) ?? $0, linkType: .linuxCooked2, snapLength: captureLimit)
      })
    var socket = try site?.listen()
    try Privileges.drop(to: user)

    let choice = interfaces.names.map { "\($0) (\(interfaces.isBridge($0) ? "bridge" : "nic"))" }
    let others = discovers ? " and any bridge that carries traffic; choose with -i" : ""
    StandardError.line("watching \(Formatting.safe(choice.joined(separator: ", ")))\(others)")

    // From here on there are other threads.
    let screen = LiveScreen(form: format == .text ? .text : format == .ndjson ? .ndjson : .besides)
    let say: @Sendable (String) -> Void = { screen.say($0) }
    var outlets =
      [OutletThread(ScreenOutlet(screen: screen), say: say)]
      + (try outputs.start(
        files.alerts, repeatEvery: repeatEvery, page: redactor == nil ? site?.page : serve.serveURL, say: say))
    var serving: ServedWatch?
    if let site, let socket = socket.take() {
      let served = try ServedWatch(socket, site.door, reports: outlets, redactor)
      outlets.append(OutletThread(served.outlet, say: say))
      serving = served
    }
    var evidence: EvidenceThread?
    if let file = files.evidence.take() { evidence = EvidenceThread(file, redactor) }
    let format = format
    var watch = Watch(
      capture: capture, interfaces: interfaces, auditor: auditor,
      observer: WatchObserver(
        gate: AlertGate(only: Set(only.compactMap(LeakReason.init)), scope: conclusion.scope), evidence: evidence,
        redactor: redactor,
        names: names, snapLength: captureLimit),
      signals: signals, linkEvents: linkEvents, containers: containers, control: controlFrame,
      limits: Watch.Limits(duration: duration, frames: count, repeatEvery: repeatEvery), screen: screen,
      outbox: Outbox(outlets),
      rules: conclusion.rules(understood, files: self.policy.files + outputs.files, host: Self.host),
      redactor: redactor,
      live: serving?.live,
      writeSummary: { auditor, rules in
        let summary = auditor.summary(rules)
        guard let text = try? format.text(summary, redactor) else { return }
        // The reader may be slow, and the capture must not wait for it.
        Thread.detachNewThread { _ = screen.write(text) }
      })
    watch.run()

    watch.tellEnd(watch.auditor.summary(watch.rules))
    let reports = watch.outbox.finish(within: .seconds(5))
    serving?.server.end()
    var rules = watch.rules
    for report in reports where report.notDelivered > 0 {
      rules.notices.append(.init(.undeliveredAlerts, "Alerts: \(report.description)\(report.refusalText)."))
    }
    if let evidence {
      for line in evidence.finish(at: .now, within: .seconds(5)) {
        rules.notices.append(.init(.evidence, "Evidence: \(line)."))
      }
    }
    let summary = watch.auditor.summary(rules)
    let failure = screen.write(try format.text(summary, redactor))
    if let failure {
      StandardError.line("standard output: \(SystemError.message(failure)); the summary was not delivered")
    }
    let status = conclusion.status(summary, isDelivered: failure == nil)
    if status != .clean { throw ExitCode(status.rawValue) }
  }

  private func open() throws -> LiveCapture {
    do throws(CaptureError) {
      return try LiveCapture(snapLength: snapshotLength, bufferSize: buffer << 20)
    } catch {
      throw Self.failure(error)
    }
  }

  private func openControl(_ interfaces: AuditedInterfaces, _ auditor: inout Auditor) throws -> ControlFrame {
    do throws(CaptureError) {
      let frame = try ControlFrame()
      auditor.expect(
        ControlExpectation(
          source: ControlFrame.source, destination: ControlFrame.destination,
          interfaces: Array(interfaces.names.indices)))
      return frame
    } catch {
      throw Self.failure(error)
    }
  }

  private static func failure(_ error: CaptureError) -> Failure {
    Failure(status: .noPermission, message: "\(error)")
  }

  /// The interfaces that were named, or those that were found.
  private func chooseInterfaces(
    _ stated: [String]?, _ stack: VPNStack?, _ containers: ContainerSnapshot?
  ) throws -> [String] {
    if !interface.isEmpty { return interface.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    if let stated {
      let found = stack.flatMap { stack in containers.map { RunningStack.ownBridges(stack, $0) } } ?? []
      return stated + found.filter { !stated.contains($0) } + NetworkInterfaces.defaultRoutes()
    }
    var foreign: Set<String> = []
    if let stack, let containers { foreign = RunningStack.foreignBridges(stack, containers) }
    let used = (containers.map { $0.networks.compactMap(\.bridge) } ?? []).filter { !foreign.contains($0) }
    let bridges = used.isEmpty ? NetworkInterfaces.bridges(active: true).filter { !foreign.contains($0) } : used
    let found = bridges + NetworkInterfaces.defaultRoutes()
    guard !found.isEmpty else {
      throw Failure(
        status: .noInput, message: "no bridge and no default route was found; name what to audit with -i INTERFACE")
    }
    return found
  }

  /// Declares the networks of the interfaces' own addresses as local, but only private space: a public network that
  /// calls itself local is not believed (TunnelCrack's LocalNet).
  private func declareNetworks(of names: [String], in policy: inout TunnelPolicy) {
    for name in names {
      for prefix in NetworkInterfaces.prefixes(of: name) where AddressScope(prefix.address) == .private {
        policy.local.append(Stated(prefix, origin: "address of \(name)"))
      }
    }
  }

  /// The kernel's name for this machine.
  private static var host: String? {
    let name = try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
    return name.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
