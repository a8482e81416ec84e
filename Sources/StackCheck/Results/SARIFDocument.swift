import Foundation
import Policy
import TextFiles

/// What a static audit found, in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS), which code
/// hosts show beside the lines.
package struct SARIFDocument: Encodable, Sendable {
  private let schema = "https://json.schemastore.org/sarif-2.1.0.json"
  private let version = "2.1.0"
  private let runs: [Run]

  private enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  private struct Run: Encodable {
    var tool: Tool
    var invocations: [Invocation]
    var results: [Result]
    let columnKind = "unicodeCodePoints"
  }
  private struct Tool: Encodable { var driver: Driver }
  private struct Driver: Encodable {
    let name = "leakaudit"
    var version: String
    var rules: [Rule]
  }
  private struct Rule: Encodable {
    var id: String
    var shortDescription, fullDescription, help: Message
    var helpUri: String?
    var properties: RuleProperties
  }
  private struct RuleProperties: Encodable {
    let tags = ["security"]
    /// The score by which code hosts rank, from 0 to 10: that of the worst case that this run found. A fault that was
    /// not found has none.
    var securitySeverity: String?

    private enum CodingKeys: String, CodingKey {
      case tags
      case securitySeverity = "security-severity"
    }
  }
  private struct Message: Encodable { var text: String }
  private struct Invocation: Encodable {
    var executionSuccessful: Bool
    var toolExecutionNotifications: [Notification]
  }
  private struct Notification: Encodable {
    var level = "warning"
    var message: Message
    var locations: [Location]
  }
  private struct Result: Encodable {
    var ruleId: String
    var ruleIndex: Int
    var level: String
    var message: Message
    var locations: [Location]
    var partialFingerprints: [String: String]
    var properties: [String: String]
  }
  private struct Location: Encodable { var physicalLocation: PhysicalLocation }
  private struct PhysicalLocation: Encodable {
    var artifactLocation: ArtifactLocation
    var region: Region?
  }
  private struct ArtifactLocation: Encodable { var uri: String }
  private struct Region: Encodable {
    var startLine: Int
    var startColumn, endColumn: Int?
  }

  /// - Parameters:
  ///   - remark: what is said behind a finding, such as what a drill showed of it; nil leaves the finding out.
  ///   - errors: why the run does not say all.
  package init(
    _ shown: ShownReport, version: String, errors: [String] = [], remark: (StackFinding) -> String? = { _ in "" }
  ) {
    let report = shown.report
    let faults = StackFault.allCases
    let places = SARIFPlaces(shown.lines)
    let rules = faults.map { fault in
      let worst = report.findings.filter { $0.fault == fault }.map(\.severity).max()
      return Rule(
        id: fault.id, shortDescription: .init(text: Self.sentence(fault.title)),
        fullDescription: .init(text: Self.sentence(fault.consequence)),
        help: .init(text: "\(Self.sentence(fault.fix)) See: \(fault.reference)"),
        helpUri: fault.referenceAddress, properties: .init(securitySeverity: worst.map(Self.score)))
    }
    let results = report.findings.compactMap { finding -> Result? in
      guard let remark = remark(finding) else { return nil }
      return Result(
        ruleId: finding.fault.id, ruleIndex: faults.firstIndex(of: finding.fault) ?? -1,
        level: Self.level(finding.severity),
        message: .init(text: "\(Self.sentence(finding.message)) On the wire: \(finding.fault.consequence).\(remark)"),
        locations: [Self.location(finding.place, places)],
        partialFingerprints: ["faultAndMessage/v1": finding.fault.id + ":" + finding.message],
        properties: ["severity": finding.severity.rawValue])
    }
    var notifications = report.unread.map { problem in
      Notification(
        level: "error", message: .init(text: problem.message),
        locations: [Self.location(SourcePlace(problem.file, line: problem.line), places)])
    }
    notifications += report.skipped.map { line in
      Notification(
        message: .init(text: "not understood: \(line.text): \(line.reason)"),
        locations: [Self.location(line.place, places)])
    }
    notifications += errors.map { Notification(level: "error", message: .init(text: $0), locations: []) }
    runs = [
      Run(
        tool: .init(driver: .init(version: version, rules: rules)),
        invocations: [
          .init(executionSuccessful: report.isComplete && errors.isEmpty, toolExecutionNotifications: notifications)
        ],
        results: results)
    ]
  }

  private static func level(_ severity: Severity) -> String {
    switch severity {
    case .critical, .high: "error"
    case .medium: "warning"
    case .low, .info: "note"
    }
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }

  /// In the middle of the range that code hosts give each word: above 9, 7, 4 and 0.
  private static func score(_ severity: Severity) -> String {
    switch severity {
    case .critical: "9.5"
    case .high: "8.0"
    case .medium: "5.5"
    case .low: "2.0"
    case .info: "0.0"
    }
  }

  private static func location(_ place: SourcePlace, _ places: SARIFPlaces) -> Location {
    var region: Region?
    if let line = place.line, places.holdsLines(place.file) {
      let columns = places.columns(of: place)
      region = Region(startLine: max(line, 1), startColumn: columns?.start, endColumn: columns?.end)
    }
    return Location(
      physicalLocation: .init(artifactLocation: .init(uri: places.reference(to: place.file)), region: region))
  }
}
