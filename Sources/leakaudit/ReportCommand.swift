import ArgumentParser
import Foundation
import Report

/// Makes one report of saved summaries.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Reports saved summaries (--format json or ndjson), several as one.",
    discussion: """
      Summaries add up: archives can be audited in any parts, in parallel, and reported in any order. What only the order \
      of packets tells stays as each audit saw it: when leaks were by the tunnel's packets, and which way flows between \
      public addresses went. One that is incomplete leaves the whole incomplete.

      Exit status: that of the audits together: 0 clean, 1 leaks, 3 incomplete; 64 bad options or summaries that cannot \
      be added, 65 a file that is no summary, 66 no such file; the other files are reported all the same.
      """)

  @Argument(help: "Files with summaries, or '-'.")
  var files: [String]

  @Option(help: "text, json, ndjson, html, markdown, junit (a suite per file), csv (the leaks), or prometheus.")
  var format = SummaryFormat.text

  func validate() throws {
    if files.isEmpty { throw ValidationError("name a file with a summary, or '-' for standard input") }
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read only once") }
  }

  func run() throws {
    var scenarios: [(name: String, summary: SummaryDocument)] = []
    // One file that is no summary must not hide what the others hold.
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
    let merged: SummaryDocument
    do throws(SummaryDocument.MergeError) {
      merged = try SummaryDocument.merged(scenarios.map(\.summary))
    } catch {
      throw Failure(status: .usage, message: error.description)
    }
    var output = StandardOutput(flushesLines: false)
    output.write(try format.text(scenarios))
    output.flush()
    if let code = output.failure {
      StandardError.line("standard output: \(SystemError.message(code)); the report was not delivered")
    }
    var status = refused.first?.failure.status ?? ExitStatus(merged.verdict)
    if status == .clean, output.failure != nil { status = .incomplete }
    if status != .clean { throw ExitCode(status.rawValue) }
  }

  private static func read(_ path: String) throws -> SummaryDocument {
    let bytes: Data
    do {
      let file = path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
      // One byte more than allowed shows that there is more.
      bytes = try file.read(upToCount: SummaryDocument.sizeLimit + 1) ?? Data()
    } catch {
      let status: ExitStatus = FileSystem.exists(path) ? .noPermission : .noInput
      throw Failure(
        status: status,
        message: "\(path): \(status == .noInput ? "there is no such file" : "it cannot be read"); check the path")
    }
    do throws(SummaryDocument.ReadingError) {
      return try SummaryDocument.read(bytes)
    } catch {
      throw Failure(status: .data, message: "\(path): \(error.description)")
    }
  }

  /// What a scenario is called: the file without its folder and ending.
  static func name(_ path: String) -> String {
    path == "-" ? "standard input" : URL(filePath: path).deletingPathExtension().lastPathComponent
  }
}
