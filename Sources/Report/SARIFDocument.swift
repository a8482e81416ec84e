import Foundation
import Policy
import PolicyFiles
package import StackCheck

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
  private struct Region: Encodable { var startLine: Int }

  package init(_ report: StackReport, version: String) {
    let faults = StackFault.allCases
    let rules = faults.map { fault in
      Rule(
        id: fault.rawValue, shortDescription: .init(text: Self.sentence(fault.title)),
        fullDescription: .init(text: Self.sentence(fault.consequence)),
        help: .init(text: "\(Self.sentence(fault.mending)) See: \(fault.reference)"))
    }
    let results = report.findings.map { finding in
      Result(
        ruleId: finding.fault.rawValue, ruleIndex: faults.firstIndex(of: finding.fault) ?? -1,
        level: Self.level(finding.severity),
        message: .init(text: "\(Self.sentence(finding.message)) On the wire: \(finding.fault.consequence)."),
        locations: [Self.location(finding.place.file, finding.place.line)],
        partialFingerprints: ["faultAndMessage/v1": finding.fault.rawValue + ":" + finding.message],
        properties: ["severity": finding.severity.rawValue])
    }
    var notifications = report.unread.map { problem in
      Notification(
        level: "error", message: .init(text: problem.message), locations: [Self.location(problem.file, problem.line)])
    }
    notifications += report.passedOver.map { line in
      Notification(
        message: .init(text: "not understood: \(line.text): \(line.reason)"),
        locations: [Self.location(line.place.file, line.place.line)])
    }
    runs = [
      Run(
        tool: .init(driver: .init(version: version, rules: rules)),
        invocations: [.init(executionSuccessful: report.isComplete, toolExecutionNotifications: notifications)],
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

  /// A relative reference stays relative to where the program ran; what a URI cannot hold is percent-encoded.
  private static func location(_ file: String, _ line: Int?) -> Location {
    var path = file
    while path.hasPrefix("./") { path.removeFirst(2) }
    let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? "unnamed"
    return Location(
      physicalLocation: .init(
        artifactLocation: .init(uri: path.hasPrefix("/") ? "file://" + encoded : encoded),
        region: line.map { .init(startLine: max($0, 1)) }))
  }
}
