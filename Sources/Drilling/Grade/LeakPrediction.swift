import Policy
import Probing
package import StackCheck
import Summaries
import TextFiles
import Wire

/// What `check` says of the drilled files, to join it with the leaks of a drill.
package struct LeakPrediction: Sendable {
  private let report: StackReport
  /// Names that the stack looks up to find its Endpoint.
  private let endpointNames: Set<String>
  /// Services outside of the tunnel that want it, as `check` finds them.
  private let strays: Set<String>

  package init(_ report: StackReport, endpointNames: some Sequence<String>, strays: some Sequence<String>) {
    self.report = report
    self.endpointNames = Set(endpointNames)
    self.strays = Set(strays)
  }

  /// The findings that predict a leak of a scenario.
  ///
  /// - Parameter starts: when the gateway had been started and had no tunnel, in nanoseconds since the epoch. Of a leak only
  ///   the first and the last packet's moments are known: it is of these times if both are.
  func findings(
    for entry: Summary.LeakEntry, _ probe: Probe?, in scenario: Scenario, starts: [Range<Int64>]
  ) -> [DrillDocument.Cause] {
    let isOfStart = [entry.first, entry.last].allSatisfy { moment in
      starts.contains { $0.contains(moment.nanoseconds) }
    }
    let packet = LeakedPacket(
      isIPv4: entry.family.map { $0 == .ipv4 } ?? entry.destination?.isIPv4 ?? true, destination: entry.destination,
      transport: entry.protocol, port: entry.port, wasTunnelUp: scenario.keepsTunnel,
      wasGatewayStarted: scenario.startsGateway, leftBeforeTunnel: isOfStart, sender: sender(entry, probe, scenario))
    return report.predicting(packet).map { DrillDocument.Cause(report.findings[$0]) }
  }

  private func sender(_ entry: Summary.LeakEntry, _ probe: Probe?, _ scenario: Scenario) -> LeakedPacket.Sender {
    if case .containers(let names)? = entry.origin, names.contains(where: isStray) { return .stray }
    if probe?.isDeliberate == true { return .forger }
    if scenario.isDeliberate { return .afterMeddling }
    if scenario.id == Scenario.rewriting.id { return .afterRewriting }
    if entry.questions.contains(where: { endpointNames.contains($0.name.lowercased()) }) { return .endpointLookup }
    if probe?.asksDockersResolver == true { return .dockersResolver }
    return .program
  }

  /// Compose names a container after its project, its service and a number.
  private func isStray(_ container: String) -> Bool {
    container.split(whereSeparator: { $0 == "_" || $0 == "-" }).contains { strays.contains(String($0)) }
      || strays.contains(container)
  }
}

extension DrillDocument {
  /// A finding of `check`, as a leak names it.
  package struct Cause: Codable, Hashable, Sendable {
    package var id, place: String

    package init(_ finding: StackFinding) {
      (id, place) = (finding.fault.id, finding.place.file + (finding.place.line.map { ":\($0)" } ?? ""))
    }
  }
}
