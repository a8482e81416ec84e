import ArgumentParser
import Foundation
import Report
import Summaries
import Text
import Wire

/// Makes one report of saved summaries.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Reports on saved summaries (--format json or ndjson); several make one report.",
    discussion: """
      Summaries add up: audit archives in parts, in parallel, and report on them in any order. What depends on the order \
      of packets stays as each audit saw it: when leaks happened relative to the tunnel's packets, and which way flows between \
      public addresses went. If one summary is incomplete, the whole is.

      Exit status, for all audits together: 0 clean, 1 leaks, 3 incomplete; 64 bad options or summaries that cannot \
      be added, 65 a file that is not a summary, 66 no such file; the other files are still reported.

      With --at, for that moment: 0 no leak was seen then, 1 leaks, 3 no audit saw it, or not all of it.
      """)

  @Argument(help: "Files with summaries, folders of them (*.json, *.ndjson), or '-'.")
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Show what was seen at a moment, such as 2026-11-28T16:25:48Z; local time without Z or an offset.",
      valueName: "time")
  )
  var at: String?

  @Option(
    name: .customLong("for"), help: ArgumentHelp("How long that moment is: 90s, 10m, 2h, 1d.", valueName: "length"))
  var length: String?

  @Option(
    help:
      "text, json, ndjson, html, markdown, junit (a suite per file), csv (the leaks), prometheus, or ecs (for a SIEM).")
  var format = SummaryFormat.text

  @Option(
    help: ArgumentHelp(
      "A pcapng of leaking frames, or a folder of them: --format html shows each leak's first one, --at the moment's.",
      valueName: "file"))
  var evidence: [String] = []

  @OptionGroup var redaction: RedactionOptions

  func validate() throws {
    if files.isEmpty { throw ValidationError("name a file with a summary, or '-' for standard input") }
    if let at, MomentQuestion(at) == nil {
      throw ValidationError("--at '\(at)': write it as 2026-11-28T16:25:48Z, or in local time as '2026-11-28 16:25:48'")
    }
    if let length, MomentQuestion.seconds(length) == nil {
      throw ValidationError("--for '\(length)': write it as 90s, 10m, 2h or 1d, a year at most")
    }
    if length != nil, at == nil { throw ValidationError("--for needs --at") }
    if at != nil, ![.text, .json].contains(format) { throw ValidationError("--at needs --format text or json") }
    if !evidence.isEmpty, at == nil, format != .html {
      throw ValidationError("--evidence needs --format html, or --at")
    }
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read only once") }
  }

  func run() throws {
    let files = try SummaryFiles.of(files)
    let evidence = try SummaryFiles.evidence(evidence)
    if let at, let question = MomentQuestion(at) { return try answer(question, files, evidence) }
    var scenarios: [(name: String, summary: Summary)] = []
    // One file that is not a summary must not hide what the others hold.
    var refused: [(path: String, failure: Failure)] = []
    for path in files {
      do { scenarios.append((Self.name(path), try Self.read(path))) } catch let failure as Failure {
        StandardError.line(failure.message)
        refused.append((path, failure))
      }
    }
    if let readable = scenarios.first?.summary {
      scenarios += refused.map { (Self.name($0.path), .unread($0.failure.message, beside: readable)) }
    } else if let first = refused.first {
      throw ExitCode(first.failure.status.rawValue)
    }
    let redactor = redaction.redactor(scenarios.map(\.summary), files: files + evidence)
    let frames =
      evidence.isEmpty ? nil : try EvidenceReading.frames(evidence, of: scenarios.map(\.summary), redactor)
    if let redactor {
      scenarios = scenarios.map { (redactor.word($0.name), redactor.summary($0.summary)) }
    }
    let merged: Summary
    do throws(Summary.MergeError) {
      merged = try Summary.merged(scenarios.map(\.summary))
    } catch {
      throw Failure(status: .usage, message: error.description)
    }
    var output = StandardOutput(flushesLines: false)
    output.write(try format.text(scenarios, frames: frames))
    output.flush()
    if let code = output.failure {
      StandardError.line("standard output: \(SystemError.message(code)); the report was not delivered")
    }
    var status = refused.first?.failure.status ?? ExitStatus(merged.conclusion)
    if [.clean, .incomplete].contains(status), output.failure != nil { status = .outputError }
    if status != .clean { throw ExitCode(status.rawValue) }
  }

  /// Reads one summary after the other, and keeps none unless it has to redact: there may be a year of them.
  private func answer(_ question: MomentQuestion, _ files: [String], _ evidence: [String]) throws {
    let seconds = length.flatMap(MomentQuestion.seconds) ?? (question.isMinute ? 60 : 1)
    let end = question.start + .seconds(seconds)
    let readings = files.lazy.map { path in (path, Result { try Self.read(path) }) }
    // Redaction has to know all of them first.
    let kept = redaction.redact ? Array(readings) : []
    let redactor = redaction.redactor(kept.compactMap { try? $0.1.get() }, files: files + evidence)
    let frames =
      evidence.isEmpty ? nil : try EvidenceReading.frames(evidence, from: question.start, to: end, redactor)
    var search = MomentSearch(from: question.start, to: end, evidence: frames)
    var status: ExitStatus?
    for (path, reading) in redaction.redact ? AnySequence(kept) : AnySequence(readings) {
      do {
        let summary = try reading.get()
        search.look(
          at: redactor?.summary(summary) ?? summary, named: redactor.map { $0.word(Self.name(path)) } ?? path)
      } catch let failure as Failure {
        StandardError.line(failure.message)
        status = status ?? failure.status
      }
    }
    let document = search.document
    var output = StandardOutput(flushesLines: false)
    output.write(format == .json ? try JSON.pretty(document) : MomentText.text(document, StandardOutput.layout))
    output.flush()
    if let code = output.failure {
      StandardError.line("standard output: \(SystemError.message(code)); the answer was not delivered")
    }
    var ending = status ?? ExitStatus(document.conclusion)
    if [.clean, .incomplete].contains(ending), output.failure != nil { ending = .outputError }
    if ending != .clean { throw ExitCode(ending.rawValue) }
  }

  private static func read(_ path: String) throws -> Summary {
    let bytes: Data
    do {
      let file = path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
      // One byte more than allowed shows that there is more.
      bytes = try file.read(upToCount: Summary.sizeLimit + 1) ?? Data()
    } catch {
      let status: ExitStatus = FileSystem.exists(path) ? .noPermission : .noInput
      throw Failure(
        status: status,
        message: "\(path): \(status == .noInput ? "there is no such file" : "it cannot be read"); check the path")
    }
    do throws(Summary.ReadingError) {
      return try Summary.read(bytes)
    } catch {
      throw Failure(status: .data, message: "\(path): \(error.description)")
    }
  }

  /// A scenario's name: the file's name without its folder and extension.
  static func name(_ path: String) -> String {
    path == "-" ? "standard input" : URL(filePath: path).deletingPathExtension().lastPathComponent
  }
}
