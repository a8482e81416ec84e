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
    version: ProgramVersion.full,
    subcommands: [
      WatchCommand.self, ReplayCommand.self, ReportCommand.self, CheckCommand.self, ExplainCommand.self,
      PolicyCommand.self, RulesCommand.self, TestAlertCommand.self, HealthCommand.self, DrillCommand.self,
      DockerFeedCommand.self, DockerConnectCommand.self, DrillInternetCommand.self, DrillProbeCommand.self,
    ])

  static func main() {
    let typed = Array(CommandLine.arguments.dropFirst())
    var settings = OptionSettings(onlyTyped: typed)
    var command: any ParsableCommand
    do {
      settings = try OptionSettings(typed)
      for line in settings.lines { StandardError.line(line) }
      command = try parseAsRoot(settings.arguments)
    } catch {
      if let failure = Failure(error) ?? settings.culprit(error) { end(failure) }
      if exitCode(for: error) == .validationFailure,
        let hint = TcpdumpHabits.hint(for: typed)
      {
        end(Failure(status: .usage, message: hint))
      }
      exit(withError: error)
    }
    do { try OptionOrigins.$settings.withValue(settings.origins) { try command.run() } } catch {
      if let failure = Failure(error) { end(failure) }
      exit(withError: error)
    }
  }

  private static func end(_ failure: Failure) -> Never {
    StandardError.line(failure.message)
    exit(withError: ExitCode(failure.status.rawValue))
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
