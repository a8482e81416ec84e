import ArgumentParser
import ComposeFiles
import Drilling
import Foundation
import Policy
import PolicyFiles
import StackCheck
import Text
import TextFiles

/// The course of a drill.
extension DrillCommand {
  func drill() throws {
    let interruption = Interruption { DrillStop.request() }
    defer { withExtendedLifetime(interruption) {} }
    try Island.check()
    let project = try project()
    let stack = VPNStack(project)
    let plan = try TwinPlan(stack, environment: ProcessInfo.processInfo.environment)
    for folder in [evidence, captures].compactMap(\.self) { try makeFolder(folder) }
    let shown = ShownReport(StackAudit.report(on: stack))
    let report = shown.report
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let seed = seed ?? UInt64.random(in: 0...(1 << 53))
    StandardError.line("seed \(seed); making the twin takes some seconds")

    let island = try Island(in: workFolder, program: program)
    defer { island.end() }
    let twin = try Twin(plan, on: island, environmentFiles: envFile.map { [$0] } ?? []) { StandardError.line($0) }
    var watchOptions = twin.composeFiles.flatMap { ["--compose", $0] } + ["--control"]
    if let envFile { watchOptions += ["--env-file", URL(filePath: envFile).path] }
    var drill = try Drill(
      twin,
      .init(
        watchOptions: watchOptions, seed: seed,
        prediction: LeakPrediction(report, endpointNames: twin.endpointNames, strays: stack.strays.map(\.name)),
        evidence: evidence, captures: captures))
    defer { drill.end() }

    var output = StandardOutput(flushesLines: true)
    if format == .text { output.write(DrillTable.head(plan)) }
    var results: [ScenarioResult] = []
    var problem: String?
    do {
      for (round, scenario) in rounds {
        let result = try drill.run(scenario, round: round)
        results.append(result)
        if format == .text { output.write(DrillTable.line(result, StandardOutput.layout)) }
        // Without a control that leaked, nothing that follows would count.
        if scenario.number == 0, result.grade != .leakSeen { break }
      }
    } catch { problem = error.message }
    let document = DrillDocument(
      version: ProgramVersion.number, seed: seed, plan: plan, results: results, findings: Self.findings(report),
      isCheckComplete: report.isComplete,
      problem: problem)
    switch format {
    case .text:
      output.write(DrillTable.leaks(results, StandardOutput.layout))
      output.write(DrillTable.findings(document, StandardOutput.layout))
      output.write(DrillTable.conclusion(document, StandardOutput.layout))
    case .json: output.write(try JSON.pretty(document))
    case .junit: output.write(DrillJUnit.text(document))
    case .sarif: output.write(try JSON.pretty(DrillSARIF.document(document, shown)))
    }
    output.flush()
    if format != .text { StandardError.line(document.sentence) }
    try end(document, output)
  }

  private static func findings(_ report: StackReport) -> [DrillDocument.Finding] {
    let findings = report.findings.filter { $0.severity >= .low }
    return findings.sorted { $0.severity > $1.severity }.map { finding in
      let line = finding.place.line.map { ":\($0)" } ?? ""
      return DrillDocument.Finding(
        id: finding.fault.id, severity: finding.severity.rawValue,
        place: Formatting.safe(finding.place.file) + line, message: finding.message)
    }
  }

  private var rounds: [(Int, Scenario)] {
    [(1, .control)] + (1...`repeat`).flatMap { round in scenarios.map { (round, $0) } }
  }

  private func end(_ document: DrillDocument, _ output: borrowing StandardOutput) throws {
    switch document.conclusion {
    case "leaks": throw ExitCode(ExitStatus.leaks.rawValue)
    case "clean": try output.demandDelivery("the result")
    default:
      try output.demandDelivery("the result")
      throw ExitCode(ExitStatus.incomplete.rawValue)
    }
  }

  private func project() throws -> ComposeProject {
    let environment = ProcessInfo.processInfo.environment
    let environmentFiles = envFile.map { [$0] }
    let files =
      try composeFiles.isEmpty
      ? ComposeProject.usualFiles(environment: environment, environmentFiles: environmentFiles) : composeFiles
    guard !files.isEmpty else {
      throw Failure(
        status: .data, message: "there is no compose file in this folder, or in one above it; name one with --compose")
    }
    return try ComposeProject.load(files, environment: environment, environmentFiles: environmentFiles)
  }

  private func makeFolder(_ path: String) throws {
    if let code = FileSystem.makeDirectory(path) {
      throw Failure(
        status: .noPermission, message: "'\(Formatting.safe(path))': it cannot be made: \(SystemError.message(code))")
    }
  }
}

extension ExitStatus {
  init(_ kind: DrillProblem.Kind) {
    switch kind {
    case .stack: self = .data
    case .missing: self = .noInput
    case .permission: self = .noPermission
    case .failed, .stopped: self = .incomplete
    }
  }
}
