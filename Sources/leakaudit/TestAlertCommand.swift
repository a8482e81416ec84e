import ArgumentParser
import Capture
import Outputs
import Policy
import Report
import Text
import Wire

/// Tries the ways of being told, before there is something to tell.
struct TestAlertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test-alert",
    abstract: "Sends one test alert to each outlet that a watch with these options would use.",
    discussion: """
      It is marked as a test, and takes the way of a leak of severity high, as the user that a watch becomes. A command of \
      --on-leak is run, too.

      Exit status: 0 all outlets accepted it, 1 one did not, 64 bad options or no outlet, 66 no such file, 77 no permission.
      """)

  @OptionGroup var outputs: OutputOptions

  @Option(
    help: ArgumentHelp("The unprivileged user to become, as a watch does (root only).", valueName: "name"))
  var user: String?

  @OptionGroup var settings: SettingsOptions

  /// How long all outlets may take.
  private static var timeout: Duration { .seconds(20) }

  func run() throws {
    let privileged = Privileged()
    guard outputs.hasOutlet else {
      throw Failure(
        status: .usage, message: "no outlet is given: --alerts, --webhook, --webhook-file, --syslog or --on-leak")
    }
    let destinations = try outputs.openDestinations(privileged)
    let unprivileged = try privileged.drop(to: user)
    let outbox = Outbox(
      try outputs.start(destinations, repeatEvery: 60, page: nil, unprivileged, say: { _ in }))
    outbox.post(try Self.alert(at: .now))
    let reports = outbox.finish(within: Self.timeout)
    var output = StandardOutput(flushesLines: false)
    for report in reports {
      let isAccepted = report.delivered == 1 && report.notDelivered == 0
      output.write("\(report.name): \(isAccepted ? "accepted" : report.latestFailure ?? "no answer in time")\n")
    }
    output.flush()
    guard reports.allSatisfy({ $0.delivered == 1 && $0.notDelivered == 0 }) else {
      throw ExitCode(ExitStatus.leaks.rawValue)
    }
    try output.demandDelivery("the result")
  }

  private static func alert(at now: Timestamp) throws -> RenderedAlert {
    let host = WatchCommand.host.map { " on \($0)" } ?? ""
    let notice = NoticeDocument.test("This is a test of alerts\(host). Nothing leaked.", at: now)
    return RenderedAlert(
      severity: notice.level, reason: notice.kind, title: "leakaudit: test", text: notice.line,
      json: String(try JSON.line(notice).dropLast()), message: Formatting.safe(notice.text))
  }
}
