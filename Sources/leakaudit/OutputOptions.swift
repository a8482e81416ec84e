import ArgumentParser
import Capture
import Glibc
import Outputs
import PolicyFiles
import Report
import Text
import Wire

/// Where alerts and evidence go besides the terminal. All may be combined, and none waits for another.
struct OutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Append alerts to a file, one JSON object a line.", valueName: "file"))
  var alerts: [String] = []

  @OptionGroup var webhooks: WebhookOptions

  @Flag(help: "Send alerts to the local log, which journald reads too.")
  var syslog = false

  @Option(help: "local, the form that syslog(3) writes and every local log daemon reads, or rfc5424.")
  var syslogFormat = SyslogDialect.local

  @Option(
    help: ArgumentHelp("Run a shell command for each alert, with its JSON on standard input.", valueName: "command"))
  var onLeak: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write leaking frames to a pcapng file in this directory, which is made if need be.", valueName: "directory"))
  var evidence: String?

  @Option(help: ArgumentHelp("The largest size of the evidence; the oldest frames are kept.", valueName: "MB"))
  var evidenceSize = 100

  @Option(help: ArgumentHelp("The most frames of evidence.", valueName: "frames"))
  var evidenceFrames = 100_000

  func validate() throws {
    if !(1...1_000_000).contains(evidenceSize) { throw ValidationError("--evidence-size takes 1 MB or more") }
    if evidenceFrames < 1 { throw ValidationError("--evidence-frames takes 1 or more") }
  }

  /// The paths that reports about them mention.
  var files: [String] { alerts + (evidence.map { ["\($0)/"] } ?? []) }

  /// Whether alerts go anywhere besides the terminal.
  var hasOutlet: Bool {
    !alerts.isEmpty || !webhooks.webhook.isEmpty || !webhooks.webhookFile.isEmpty || syslog || !onLeak.isEmpty
  }

  /// What is opened and read while the program may still do so.
  struct Files: ~Copyable {
    var destinations: Destinations
    var evidence: EvidenceFile?
  }

  struct Destinations: Sendable {
    var alerts: [AlertFile.Opened]
    var webhooks: WebhookOptions.Targets
  }

  func openDestinations(_ privileged: borrowing Privileged) throws -> Destinations {
    let opened = try alerts.map { path in
      do throws(AlertFile.Problem) { return try AlertFile.open(path) } catch {
        throw Failure(
          status: [ENOENT, ENOTDIR, ENXIO].contains(error.code) ? .noInput : .noPermission,
          message: "--alerts '\(Formatting.safe(path))': \(error.reason)")
      }
    }
    return Destinations(alerts: opened, webhooks: try webhooks.targets())
  }

  /// `comment` is the evidence's comment on itself; `audited` are the interfaces whose frames it may hold.
  func open(comment: String?, audited: [EvidenceFile.Interface], _ privileged: borrowing Privileged) throws -> Files {
    let destinations = try openDestinations(privileged)
    guard let evidence else { return Files(destinations: destinations, evidence: nil) }
    if let code = FileSystem.makeDirectory(evidence) {
      throw Failure(
        status: [ENOENT, ENOTDIR].contains(code) ? .noInput : .noPermission,
        message: "--evidence '\(Formatting.safe(evidence))': the directory cannot be made: \(SystemError.message(code))"
      )
    }
    do throws(EvidenceFileError) {
      let file = try EvidenceFile(
        in: evidence, at: .now, application: "leakaudit \(ProgramVersion.number)", comment: comment,
        audited: audited, bounds: EvidenceBounds(bytes: evidenceSize * 1_000_000, frames: evidenceFrames))
      return Files(destinations: destinations, evidence: file)
    } catch {
      throw Failure(status: FileSystem.exists(evidence) ? .noPermission : .noInput, message: "--evidence: \(error)")
    }
  }

  /// Starts an outlet for each destination, with a thread of its own.
  /// - Parameters:
  ///   - repeatEvery: seconds between two summings-up of a leak that goes on.
  ///   - page: the live page's address, for pushes.
  func start(
    _ destinations: Destinations, repeatEvery: Double, page: String?, _ unprivileged: borrowing Unprivileged,
    say: @escaping @Sendable (String) -> Void
  ) throws -> [OutletThread] {
    var outlets = zip(alerts, destinations.alerts).map { path, file in
      OutletThread(AlertFile(file, path: path), say: say)
    }
    // Each summing-up reports a leak that continues: if two did not, it has ended.
    let leakEnd = Duration.seconds(max(300, repeatEvery * 2.5))
    outlets += try webhooks.start(destinations.webhooks, leakEnd: leakEnd, page: page, say: say)
    if syslog { outlets.append(OutletThread(try makeSyslog(), say: say)) }
    for command in onLeak { outlets.append(OutletThread(AlertCommand(command), say: say)) }
    return outlets
  }

  private func makeSyslog() throws -> Syslog {
    do throws(DeliveryFailure) { return try Syslog(dialect: syslogFormat) } catch {
      throw Failure(status: .usage, message: "--syslog: \(error.reason)")
    }
  }
}

extension SyslogDialect: ExpressibleByArgument {}
