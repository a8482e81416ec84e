import ArgumentParser
import Audit
import Policy
import Report
import Wire

/// Writes each leaking frame of a replay to a pcapng file.
struct EvidenceWriter: FrameObserver, ~Copyable {
  static var isActive: Bool { false }

  private(set) var file: EvidenceFile
  private let redactor: Redactor?

  init(_ path: String, _ redactor: Redactor?, _ policy: TunnelPolicy) throws {
    self.redactor = redactor
    do throws(EvidenceFileError) {
      file = try EvidenceFile(
        creating: path, application: "leakaudit \(ProgramVersion.number)",
        comment: redactor?.evidenceComment(policy))
    } catch {
      throw Failure(status: .noPermission, message: "--evidence: \(error)")
    }
  }

  /// The file counts what it refuses.
  func wantsFrame(of severity: Severity) -> Bool { true }

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}

  mutating func observe(
    leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {
    let record = EvidenceRecord(leak, frame, interfaceName: interface.name, snapLength: 0, redactor)
    file.write(redactor.map(record.redacted) ?? record)
  }

  /// A notice for each thing that a reader of the evidence must know.
  mutating func finish() -> [AuditSummary.Notice] {
    file.finish(at: .now)
    return file.outcome.lines.map { .init(.evidence, "Evidence: \($0).") }
  }
}

extension Redactor {
  /// The comment on redacted evidence.
  func evidenceComment(_ policy: TunnelPolicy) -> String { "redacted; audit it again with \(options(policy))" }
}
