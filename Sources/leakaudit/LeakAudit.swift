import ArgumentParser
import Audit

/// The program: says what went wrong in one line and ends with the status of CONTRACT 6.
@main
struct LeakAudit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leakaudit",
    abstract: "Audits whether a WireGuard kill switch holds: every egress packet is tunnel, local or leak.",
    version: "0.1.0",
    subcommands: [
      WatchCommand.self, ReplayCommand.self, ReportCommand.self, CheckCommand.self, ExplainCommand.self,
      PolicyCommand.self,
      RulesCommand.self,
      DockerFeedCommand.self, DockerConnectCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      StandardError.line(failure.message)
      exit(withError: ExitCode(failure.status.rawValue))
    } catch {
      exit(withError: error)
    }
  }
}

/// The program's exit statuses (CONTRACT 6). The numbers from 64 on are those of sysexits.h.
enum ExitStatus: Int32 {
  case clean = 0
  case leaks = 1
  case incomplete = 3
  case usage = 64
  case data = 65
  case noInput = 66
  case noPermission = 77
}

extension ExitStatus {
  init(_ conclusion: AuditSummary.Conclusion) {
    switch conclusion {
    case .clean: self = .clean
    case .leaks: self = .leaks
    case .incomplete: self = .incomplete
    }
  }
}

/// An error that ends the program before there is a summary.
struct Failure: Error {
  let status: ExitStatus
  let message: String
}
