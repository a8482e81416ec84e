import ArgumentParser
import Policy
import PolicyFiles
import Report
import StackCheck

/// Reads the kill switch before it is needed.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Audits the stack's files: compose file, start-up scripts, wg0.conf. Nothing is run.",
    discussion: """
      Without options, the files that docker compose would take are read (COMPOSE_FILE, else those of the current folder or \
      of one above it), and what their volumes show. Scripts and hooks are walked as a shell would, and the set of all packets that the resulting rules let out is worked out, in each \
      state of the stack: before the tunnel is up, while it is, after it, and where a script ends early or waits. CLEAN \
      proves that none of them leaves past the tunnel but what replay calls local. Lines that are not understood are \
      listed: what they do is not in the result, so it is never clean, and nothing is said of rules that they may change.

      Exit status: 0 all was understood, and there is no finding at or above --fail-on; 1 findings; 3 lines were not \
      understood; 64 bad options or policy; 65 no compose file, a file that is none, or a project without a tunnel; 66 a \
      file is not there.
      """)

  @OptionGroup var compose: ComposeOptions

  @Option(
    name: .customLong("wg-config"),
    help: "A wg0.conf by itself, or - for standard input: the kill switch is what its hooks make.",
    transform: StandardInput.path)
  var wireGuardConfigs: [String] = []

  @Option(
    name: .customLong("script"),
    help: ArgumentHelp("A script that runs before wg-quick, without a compose file around it.", valueName: "file"),
    transform: StandardInput.path)
  var scripts: [String] = []

  @Option(
    name: .customLong("policy"),
    help: "A YAML policy: services that its allow rules name by container may be outside of the kill switch.")
  var policyFiles: [String] = []

  @Option(help: "The least severity that fails the check: info, low, medium, high or critical.")
  var failOn = Severity.low

  @Option(help: "text, json, or sarif (2.1.0).")
  var format = Format.text

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

  func run() throws {
    var found: [String] = []
    if compose.composeFiles.isEmpty, wireGuardConfigs.isEmpty, scripts.isEmpty {
      do {
        found = try compose.filesOfFolder()
      } catch {
        throw Self.failure(error.problems, error.description)
      }
      guard !found.isEmpty else {
        throw Failure(
          status: .data,
          message: "there is no compose file in this folder, nor in one above it; name one with --compose, or a "
            + "wg0.conf with --wg-config")
      }
    }
    var report = StackReport()
    var status = ExitStatus.clean
    do {
      let allowed = try allowedContainers()
      if let stack = found.isEmpty ? try compose.stack() : try compose.stack(ofProject: found) {
        report = StackAudit.report(on: stack, allowed: allowed)
        report.addFiles(stack.project.files)
        if stack.gateways.isEmpty { status = .data } else if !report.unread.isEmpty { status = .noInput }
      }
      if !wireGuardConfigs.isEmpty || !scripts.isEmpty {
        report.merge(
          StackAudit.report(
            scripts: try scripts.map { try TunnelGateway.StartupScript.read($0) },
            configs: try wireGuardConfigs.map { try WireGuardConfig.read($0) }))
      }
    } catch let error as PolicyFileError {
      throw Self.failure(error.problems, error.description)
    } catch let problem as PolicyFileProblem {
      throw Self.failure([problem], problem.description)
    }
    var output = StandardOutput(flushesLines: false)
    switch format {
    case .text: output.write(CheckDocument(report, failOn: failOn).text)
    case .json: output.write(try JSON.pretty(CheckDocument(report, failOn: failOn)))
    case .sarif: output.write(try JSON.pretty(SARIFDocument(report, version: LeakAudit.configuration.version)))
    }
    output.flush()
    if output.failure != nil { throw ExitCode(ExitStatus.incomplete.rawValue) }
    // What was found counts even where something else could not be read.
    if report.fails(failOn) { status = .leaks }
    if status == .clean, !report.isComplete { status = .incomplete }
    if status != .clean {
      // Where the page is for a program, a person learns of it, too.
      if status != .leaks, format != .text {
        for problem in report.unread { StandardError.line(problem.description) }
        if !report.passedOver.isEmpty {
          StandardError.line(
            "\(report.passedOver.count) lines were not understood and are listed in the result, what they do is not in it"
          )
        }
      }
      throw ExitCode(status.rawValue)
    }
  }

  private func allowedContainers() throws -> Set<String> {
    var names: Set<String> = []
    for path in policyFiles {
      names.formUnion(try PolicyFile.read(path).policy.allowRules.flatMap(\.containers))
    }
    return names
  }

  private static func failure(_ problems: [PolicyFileProblem], _ message: String) -> Failure {
    Failure(status: problems.allSatisfy { FileSystem.exists($0.file) } ? .data : .noInput, message: message)
  }
}
