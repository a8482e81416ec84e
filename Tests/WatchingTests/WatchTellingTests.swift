import Audit
import Foundation
import Outputs
import Policy
import Report
import Synchronization
import Testing
import Wire

@testable import Capture
@testable import Watching

@Suite struct WatchTellingTests {
  /// Remembers what was delivered, and fails on request.
  private final class Reader: Sendable {
    let lines = Mutex<[String]>([])
    let isBroken = Mutex(false)
  }

  private struct Outlet: AlertOutlet {
    let name = "reader"
    let reader: Reader

    func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
      if reader.isBroken.withLock({ $0 }) { throw DeliveryFailure("refused") }
      reader.lines.withLock { $0.append("\(alert.subject): \(alert.text)") }
    }
  }

  /// A watch whose alerts go to a reader. The terminal is left out: tests share it.
  private static func telling(
    _ reader: Reader, evidence: consuming EvidenceFile? = nil, redactor: Redactor? = nil
  ) throws -> WatchTelling {
    try WatchTelling(
      screen: LiveScreen(form: .besides), outlets: [OutletThread(Outlet(reader: reader)) { _ in }], service: nil,
      evidence: evidence, redactor: redactor, gate: AlertGate(scope: .all), Unprivileged(), writeSummary: { _ in })
  }

  private static func summary() -> AuditSummary {
    Auditor(TunnelPolicy(), seed: 1).summary(ConclusionRules())
  }

  @Test func `whoever was told of anything learns the result, as the last thing`() throws {
    let reader = Reader()
    let telling = try Self.telling(reader)
    // No `sight`: the terminal would show it.
    for outlet in telling.outbox.outlets where outlet.name == "reader" {
      outlet.post(
        RenderedAlert(severity: .high, reason: "dns", title: "", text: "a query", json: "{}"))
    }
    let notices = telling.end(Self.summary(), at: second(0), within: .seconds(10))
    let lines = reader.lines.withLock { $0 }
    #expect(lines.count == 2)
    #expect(lines.first == "leak: a query")
    #expect(lines.last?.hasPrefix("end: ") == true)
    #expect(lines.last?.contains("The watch ended. INCOMPLETE") == true, "\(lines)")
    #expect(notices.isEmpty)
  }

  @Test func `alerts that did not arrive are in the summary, the end included`() throws {
    let reader = Reader()
    reader.isBroken.withLock { $0 = true }
    let telling = try Self.telling(reader)
    let notices = telling.end(Self.summary(), at: second(0), within: .seconds(10))
    #expect(notices.map(\.kind) == [.undeliveredAlerts])
    #expect(notices.first?.text == "Alerts: reader: 0 delivered, 1 not delivered: refused.")
  }

  @Test func `evidence is closed at the end, and says what is in it`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "watching-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "evidence.pcapng").path
    let telling = try Self.telling(Reader(), evidence: try EvidenceFile(creating: path, application: "test"))
    telling.evidence?.post(
      EvidenceRecord(
        bytes: [UInt8](repeating: 0, count: 60), originalLength: 60, timestamp: second(0), linkType: .ethernet,
        interfaceName: "eth0", snapLength: 0, direction: .outgoing))
    let notices = telling.end(Self.summary(), at: second(1), within: .seconds(10))
    #expect(notices.map(\.kind) == [.evidence])
    #expect(notices.first?.text.contains("1 frame") == true, "\(notices)")
    #expect(try Data(contentsOf: URL(filePath: path)).count > 60)
  }
}
