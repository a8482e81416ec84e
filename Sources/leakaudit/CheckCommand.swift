import ArgumentParser
import ComposeFiles
import Glibc
import Policy
import PolicyFiles
import Report
import StackCheck
import Text
import TextFiles

/// Reads the kill switch before it is needed.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Audits the stack's files: compose file, start-up scripts, wg0.conf. Nothing in them is run.",
    discussion: """
      Without options it reads the files that docker compose would use (COMPOSE_FILE, else those in the current folder or \
      one above it), and the files that their volumes mount. It follows scripts and hooks as a shell would, and works out the set of all packets that the resulting rules let out, in each \
      state of the stack: before the tunnel is up, while it is up, after it, and where a script ends early or waits. CLEAN \
      proves that none of them leaves past the tunnel, except what replay calls local. Lines that are not understood are \
      listed. Their effect is not in the result, so it is never clean, and says nothing about rules that they may change.

      With --container, and as root, it also reads the rules, routes and tunnels that the running gateway has now, from its network, \
      without changing anything, and checks them the same way.

      Exit status: 0 all was understood, and no finding is at or above --fail-on; 1 findings; 3 some lines were not \
      understood; 64 bad options or policy; 65 no compose file, an invalid one, or a project without a tunnel; 66 no \
      such file.
      """)

  @OptionGroup var compose: ComposeOptions

  @Option(
    name: .customLong("wg-config"),
    help: "A wg0.conf alone, or - for standard input: its hooks have to make the kill switch.",
    transform: StandardInput.path)
  var wireGuardConfigs: [String] = []

  @Option(
    name: .customLong("script"),
    help: ArgumentHelp("A script that runs before wg-quick, where there is no compose file.", valueName: "file"),
    transform: StandardInput.path)
  var scripts: [String] = []

  @Option(
    name: .customLong("policy"),
    help: "A YAML policy: containers that its allow rules name may be outside the kill switch.")
  var policyFiles: [String] = []

  @Flag(
    help:
      "Also run start-up scripts and hooks in a sandbox that nothing can leave, and check the rules that they make (root)."
  )
  var rehearse = false

  @Option(help: "The lowest severity that fails the check: info, low, medium, high or critical.")
  var failOn = Severity.low

  @Option(help: "text, json, or sarif (2.1.0).")
  var format = Format.text

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

  func run() throws {
    var found: ComposeOptions.Described?
    if compose.isEmpty, wireGuardConfigs.isEmpty, scripts.isEmpty {
      do throws(PolicyFileError) {
        let files = try compose.filesOfFolder()
        if !files.isEmpty { found = .init(stack: try compose.stack(ofProject: files)) }
      } catch {
        throw Self.failure(error)
      }
      if found == nil { found = try stackOfEngine() }
    }
    let rehearsal: Rehearse? = rehearse ? { try Rehearsal.run($0) } : nil
    var report = StackReport()
    var status = ExitStatus.clean
    do {
      let allowed = try allowedContainers()
      if let described = try found ?? compose.stack() {
        let stack = described.stack
        report = StackAudit.report(on: stack, allowed: allowed, rehearse: rehearsal)
        report.addFiles(stack.project.files)
        if let engine = described.engine { readRules(of: stack, engine, into: &report) }
        if stack.gateways.isEmpty { status = .data } else if !report.unread.isEmpty { status = .noInput }
      }
      if !wireGuardConfigs.isEmpty || !scripts.isEmpty {
        report.merge(
          StackAudit.report(
            scripts: try scripts.map { try TunnelGateway.StartupScript.read($0) },
            configs: try wireGuardConfigs.map(PolicyOptions.readConfig),
            rehearse: rehearsal))
      }
    } catch let error as PolicyFileError {
      throw Self.failure(error)
    } catch let problem as PolicyFileProblem {
      throw Self.failure(PolicyFileError([problem]))
    }
    let shown = ShownReport(report)
    var output = StandardOutput(flushesLines: false)
    switch format {
    case .text: output.write(CheckText.text(shown, failOn: failOn, StandardOutput.layout))
    case .json: output.write(try JSON.pretty(CheckDocument(shown, failOn: failOn)))
    case .sarif: output.write(try JSON.pretty(SARIFDocument(shown, version: ProgramVersion.number)))
    }
    output.flush()
    // Findings count even if something else could not be read.
    if report.fails(failOn) { status = .leaks }
    if status == .clean, !report.isComplete { status = .incomplete }
    if status != .leaks { try output.demandDelivery("the result") }
    if status != .clean {
      // If the output is for a program, tell the user on standard error, too.
      if status != .leaks, format != .text {
        for problem in shown.report.unread { StandardError.line(problem.description) }
        if !report.skipped.isEmpty {
          StandardError.line(
            "\(report.skipped.count) lines were not understood: the result lists them, but not their effect"
          )
        }
      }
      throw ExitCode(status.rawValue)
    }
  }

  /// Reads the current rules of the gateways that run.
  private func readRules(of stack: VPNStack, _ engine: EngineDescription, into report: inout StackReport) {
    for gateway in stack.gateways {
      let name = stack.containerName(gateway.service)
      let place = SourcePlace("the container \(name)")
      func skip(_ reason: String) {
        report.leaveOut(place, "its rules", "\(reason): what they let out now is not in this result")
      }
      guard let process = engine.process(of: name) else {
        skip("it does not run on this machine")
        continue
      }
      if gateway.service.networkMode?.value == .host {
        skip("they belong to the whole machine")
        continue
      }
      guard geteuid() == 0 else {
        skip("only root can read them (use sudo)")
        continue
      }
      let running = NamespaceReader(process: process).read(place.file)
      // By now, or on another machine, the number may belong to another process.
      let own = gateway.service.networks.compactMap { $0.ipv4Address?.value ?? $0.ipv6Address?.value }
      guard Set(own).isSubset(of: running.links.flatMap(\.addresses)) else {
        skip("the process \(process) is in a network without the container's addresses")
        continue
      }
      StackAudit.add(running, of: gateway, to: &report)
    }
  }

  /// Finds the stack to check if the folder has no compose file.
  private func stackOfEngine() throws -> ComposeOptions.Described {
    let message = "there is no compose file in this folder, or in one above it"
    switch ComposeOptions.find() {
    case .one(let found, let name):
      StandardError.line(
        "\(message): checking the container \(Formatting.safe(name)), the only one that holds a tunnel")
      return found
    case .several(let names):
      throw Failure(
        status: .data,
        message:
          "\(message), and several containers hold a tunnel: \(ComposeOptions.list(names)); name one with --container")
    case .none:
      throw Failure(
        status: .data,
        message: "\(message); name one with --compose, a container with --container, or a wg0.conf with --wg-config")
    }
  }

  private func allowedContainers() throws -> Set<String> {
    var names: Set<String> = []
    for path in policyFiles {
      names.formUnion(try PolicyFile.read(path).policy.allowRules.flatMap(\.containers))
    }
    return names
  }

  private static func failure(_ error: PolicyFileError) -> Failure {
    Failure(
      status: error.problems.allSatisfy { FileSystem.exists($0.file) } ? .data : .noInput,
      message: error.maskedDescription)
  }
}
