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
  func drillTwin() throws {
    let interruption = Interruption { DrillStop.request() }
    defer { withExtendedLifetime(interruption) {} }
    try Island.check()
    let stack = VPNStack(try project())
    let plan = try TwinPlan(stack, environment: ProcessInfo.processInfo.environment)
    try makeFolders()
    let seed = newSeed
    let shown = ShownReport(StackAudit.report(on: stack))
    StandardError.line("seed \(seed); making the twin takes some seconds")

    let island = try Island(in: workFolder, program: try Self.program())
    defer { island.end() }
    let twin = try Twin(plan, on: island, environmentFiles: envFile.map { [$0] } ?? []) { StandardError.line($0) }
    let prediction = LeakPrediction(
      shown.report, endpointNames: twin.endpointNames, strays: stack.strays.map(\.name))
    var drill = try Drill(twin, settings(seed, prediction, composeFiles: twin.composeFiles))
    defer { drill.end() }
    let drilled = Drilled(
      kind: .twin, names: plan.names, leftOut: plan.leftOut, emptyVolumes: plan.emptyVolumes, seed: seed, shown: shown)
    try run(&drill, drilled)
  }

  /// What is drilled, for what is told of it.
  struct Drilled {
    var kind: DrilledKind
    var names: (gateway: String, consumers: [String])
    var leftOut: [String]
    var emptyVolumes: [String] = []
    var seed: UInt64
    /// What `check` says of the same files.
    var shown: ShownReport
  }

  /// Runs all scenarios, and tells what became of them.
  func run(_ drill: inout Drill, _ drilled: Drilled) throws {
    var output = StandardOutput(flushesLines: true)
    if format == .text {
      output.write(
        DrillTable.head(drilled.kind, drilled.names, leftOut: drilled.leftOut, empty: drilled.emptyVolumes))
    }
    var results: [ScenarioResult] = []
    var problem: String?
    do {
      for (round, scenario) in rounds {
        let result = try drill.run(scenario, round: round)
        results.append(result)
        if format == .text { output.write(DrillTable.line(result, on: drilled.kind, StandardOutput.layout)) }
        // Without a control that leaked, nothing that follows would count.
        if scenario.number == 0, result.grade != .leakSeen { break }
      }
      if drilled.kind == .running { try drill.finish() }
    } catch { problem = error.message }
    let report = drilled.shown.report
    let document = DrillDocument(
      version: ProgramVersion.number, seed: drilled.seed, drilled: drilled.kind, names: drilled.names,
      leftOut: drilled.leftOut, results: results, findings: Self.findings(report), isCheckComplete: report.isComplete,
      problem: problem)
    switch format {
    case .text:
      output.write(DrillTable.leaks(results, StandardOutput.layout))
      output.write(DrillTable.findings(document, StandardOutput.layout))
      output.write(DrillTable.conclusion(document, StandardOutput.layout))
    case .json: output.write(try JSON.pretty(document))
    case .junit: output.write(DrillJUnit.text(document))
    case .sarif: output.write(try JSON.pretty(DrillSARIF.document(document, drilled.shown)))
    }
    output.flush()
    if format != .text { StandardError.line(document.sentence) }
    try end(document, output)
  }

  /// - Parameter composeFiles: for the watch.
  func settings(_ seed: UInt64, _ prediction: LeakPrediction, composeFiles: [String]) -> Drill.Settings {
    var options = composeFiles.flatMap { ["--compose", $0] } + ["--control"]
    if let envFile { options += ["--env-file", URL(filePath: envFile).path] }
    return Drill.Settings(
      watchOptions: options, seed: seed, prediction: prediction, evidence: evidence, captures: captures)
  }

  var newSeed: UInt64 { seed ?? UInt64.random(in: 0...(1 << 53)) }

  /// This program's own file.
  static func program() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  }

  func makeFolders() throws {
    for folder in [evidence, captures].compactMap(\.self) {
      if let code = FileSystem.makeDirectory(folder) {
        throw Failure(
          status: .noPermission,
          message: "'\(Formatting.safe(folder))': it cannot be made: \(SystemError.message(code))")
      }
    }
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

  func project() throws -> ComposeProject {
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
