import Audit
import Policy
import Report
import Savefile
import Text
import Wire

/// Reads savefiles into an auditor, several merged by the time of their frames.
struct Replay {
  let paths: [String]
  let follow: Bool
  let skipUnsupported: Bool
  let interruption: Interruption
  var showsProgress = true
  /// Whether the problems of the files have been reported already.
  var isSecondReading = false

  /// What the files could not deliver.
  struct Outcome {
    var gaps: [Gap] = []
    var notices: [AuditSummary.Notice] = []
    /// Set if a link type that cannot be audited appeared after the audit had begun, or if a role was stated for no
    /// interface.
    var refusal: ExitStatus?
    /// The names that `--role` may use for the interfaces that were seen.
    var names: [InterfaceNames] = []
  }

  /// The number of frames audited between two checks of progress and signals.
  static var batch: Int { 1 << 16 }

  /// Opens all files before anything is audited: a file that is no capture is a mistake in the command.
  func open() throws -> [OpenSavefile] {
    try paths.map { path in
      do throws(SavefileError) {
        let stream = try ByteStream(path: path, follow: follow, stop: interruption.stop)
        let reader = try SavefileReader(stream, skipUnsupported: skipUnsupported)
        return OpenSavefile(path: path, isStream: follow || reader.fileSize == nil, reader: reader)
      } catch {
        throw Failure(status: Self.status(error), message: Self.sentence(error, path))
      }
    }
  }

  /// Whether the files can be read twice; a stream cannot.
  var canReadTwice: Bool { !follow && paths.allSatisfy(FileSystem.isRegularFile) }

  /// The endpoints that handshakes in the files prove.
  func provenEndpoints(_ policy: TunnelPolicy) throws -> [Stated<TunnelEndpoint>] {
    try scouted(policy).policy.endpoints
  }

  /// The Endpoints that the files have shown by their end, including presumed ones.
  func apparentEndpoints(_ policy: TunnelPolicy) throws -> [Endpoint] { try scouted(policy).apparentEndpoints }

  private func scouted(_ policy: TunnelPolicy) throws -> Auditor {
    var scout = Auditor(policy, infersEndpoints: true)
    var quiet = self
    quiet.isSecondReading = true
    _ = quiet.audit(try open(), &scout)
    return scout
  }

  /// The frames in the files that a handshake explains as AmneziaWG's junk.
  func junkFrames(_ policy: TunnelPolicy) throws -> [Int] {
    var scout = Auditor(policy)
    var quiet = self
    quiet.isSecondReading = true
    _ = quiet.audit(try open(), &scout)
    return scout.junkFrames
  }

  func audit(_ sources: [OpenSavefile], _ auditor: inout Auditor) -> Outcome {
    var observer = NoObserver()
    return audit(sources, &auditor, &observer)
  }

  func audit<Observer: FrameObserver & ~Copyable>(
    _ sources: [OpenSavefile], _ auditor: inout Auditor, _ observer: inout Observer
  ) -> Outcome {
    var outcome = Outcome()
    var progress = Progress()
    auditor.mergesCaptures = sources.count > 1
    let lags = lags(auditor.policy)
    outcome.notices += Self.notices(lags, sources)
    var waiting = zip(sources, lags).map(Waiting.init)
    var shown = 0
    while !waiting.isEmpty {
      var index = 0
      do throws(SavefileError) {
        switch try Self.auditNext(&waiting, &index, &auditor, &observer) {
        case .limit: break
        case .later(let next): waiting[index].next = next + waiting[index].lag
        case .newInterface: attach(waiting[index].source, &auditor, &outcome)
        case .newIndex(let number, let interface):
          attach(number, behind: interface, waiting[index].source, &auditor, &outcome)
        case .end: waiting.remove(at: index)
        }
      } catch {
        report(error, waiting.remove(at: index).source, &outcome)
      }
      guard showsProgress, auditor.frames - shown >= Self.batch else { continue }
      shown = auditor.frames
      progress.show(sources, auditor)
    }
    progress.clear()
    for source in sources { conclude(source, &auditor, &outcome) }
    auditor.conclude()
    return outcome
  }

  private func report(_ error: SavefileError, _ source: OpenSavefile, _ outcome: inout Outcome) {
    let message = Self.sentence(error, source.path)
    if !isSecondReading { StandardError.line(message) }
    let action =
      error.isUnsupportedLinkType
      ? "capture this interface with a link type that can be audited (tcpdump -L lists them)"
      : "get the whole file, or record it again: what follows was not audited"
    outcome.gaps.append(Gap(message, .lost, do: action))
    if error.isUnsupportedLinkType { outcome.refusal = .data }
  }

  /// Passes on what a file says about itself at its end.
  private func conclude(_ source: OpenSavefile, _ auditor: inout Auditor, _ outcome: inout Outcome) {
    attach(source, &auditor, &outcome)
    for (index, number) in source.cursor.interfaces.enumerated() {
      let interface = source.reader.interfaces[index]
      if number == SourceCursor.several {
        auditor.setDrops(interface.drops, on: firstNumber(behind: index, source, &auditor, &outcome))
        outcome.gaps += Self.leftOut(interface, "\(Self.name(source.path)): it")
      } else if number >= 0 {
        auditor.setDrops(interface.drops, on: number)
        outcome.gaps += Self.leftOut(interface, "\(Self.name(source.path)): \(auditor.interfaces[number].name)")
      } else {
        outcome.gaps.append(
          Gap(
            "\(Self.name(source.path)): interface \(interface.name ?? "\(index)") of type \(interface.linkType) was "
              + "skipped with \(Formatting.count(Int(clamping: interface.skippedFrames), "frame"))", .lost,
            do: "capture this interface with a link type that can be audited (tcpdump -L lists them)"))
      }
    }
    guard source.reader.wasStopped else { return }
    if source.isStream {
      outcome.notices.append(.init(.endedBySignal, "\(Self.name(source.path)): the audit was ended by a signal."))
    } else {
      outcome.gaps.append(
        Gap(
          "\(Self.name(source.path)): interrupted at byte \(source.reader.position)", .lost,
          do: "let the audit reach the file's end"))
    }
  }

  /// A file's problem in one line, safe whatever names the file holds.
  private static func sentence(_ error: SavefileError, _ path: String) -> String {
    Formatting.safe("\(name(path)): \(error)")
  }

  private static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

  private static func status(_ error: SavefileError) -> ExitStatus {
    if error.isMissing { return .noInput }
    if error.isPermission { return .noPermission }
    return .data
  }
}
