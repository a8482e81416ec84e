import ArgumentParser
import Audit
import Capture
import Text
import Watching

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
    } catch {
      guard let failure = Failure(error) else { exit(withError: error) }
      StandardError.line(failure.message)
      exit(withError: ExitCode(failure.status.rawValue))
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

extension Failure {
  /// Nil for an error that is not the program's own.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as WatchError: self.init(status: ExitStatus(error.kind), message: error.message)
    case let error as CaptureError: self.init(status: .noPermission, message: error.description)
    case let error as PrivilegeError: self.init(status: ExitStatus(error), message: error.description)
    default: return nil
    }
  }
}

extension ExitStatus {
  fileprivate init(_ kind: WatchError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .noInput: self = .noInput
    case .noPermission: self = .noPermission
    }
  }

  fileprivate init(_ error: PrivilegeError) {
    switch error {
    case .user: self = .usage
    case .kept: self = .noPermission
    }
  }
}
