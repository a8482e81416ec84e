import Audit
import Foundation
import Policy
import PolicyFiles
import Report
import Savefile
import TestSupport
import Testing
import Wire

/// Auditing evidence again gives the same result.
@Suite struct EvidenceVerdictTests {
  /// A leak as a frame's line shows it.
  struct LeakLine: Equatable {
    var interface: String
    var reason: LeakReason
    var severity: Severity
    var questions: [String]
    var name: String?
    var destination: IPAddress?
    var port: UInt16?
    var timestamp: Timestamp
  }

  private struct LeakKeeper: FrameObserver, ~Copyable {
    static var isActive: Bool { true }

    let interfaces: [SavefileInterface]
    var lines: [LeakLine] = []
    var records: [EvidenceRecord] = []

    init(_ interfaces: [SavefileInterface]) { self.interfaces = interfaces }

    mutating func observe(
      _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
      interface: String, policy: TunnelPolicy
    ) {
      guard let leak else { return }
      lines.append(
        LeakLine(
          interface: interface, reason: leak.key.reason, severity: leak.severity, questions: leak.questions.map(\.text),
          name: leak.name, destination: leak.key.destination, port: leak.key.port, timestamp: frame.timestamp))
      var record = EvidenceRecord(frame, interfaces)
      record.interfaceName = interface
      record.comment = "leak \(leak.key.reason.rawValue): \(leak.title)"
      records.append(record)
    }
  }

  private struct Audited {
    var lines: [LeakLine] = []
    var records: [EvidenceRecord] = []
    var frames = 0
  }

  static let captures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "captures")

  static let names: [String] =
    (FileManager.default.enumerator(atPath: captures.path)?.compactMap { $0 as? String } ?? [])
    .filter { $0.contains(".pcap") }.sorted()

  @Test(arguments: names)
  func `a replay of the evidence yields the same leaks, and nothing else`(name: String) throws {
    let policy = try Self.policy(of: name)
    let original = try audit(Self.captures.appending(path: name).path, policy)
    let directory = try TemporaryDirectory()
    var file = try EvidenceFile(in: directory.path)
    for record in original.records { file.write(record) }
    file.finish(at: EvidenceFile.sampleTime)
    #expect(file.outcome.isComplete)

    let again = try audit(file.outcome.path, policy)
    #expect(again.lines == original.lines)
    #expect(again.frames == original.lines.count)
    #expect(zip(again.records, original.records).allSatisfy { $0.isSame(as: $1) })
  }

  @Test func `the captures have leaks of most reasons`() throws {
    let reasons = try Self.names.flatMap { name in
      try audit(Self.captures.appending(path: name).path, Self.policy(of: name)).lines.map(\.reason)
    }
    #expect(Set(reasons).count > 10)
  }

  static func policy(of name: String) throws -> TunnelPolicy {
    let stem = name.replacing(/(\.bridge|\.nic)?\.pcap.*$/, with: "")
    let folder = name.split(separator: "/").dropLast().joined(separator: "/")
    var policy = TunnelPolicy()
    policy.labelRules = try loadShippedRules()
    // Its own, else its folder's; captures that only test names have none.
    let configurations = ["\(stem).wg0.conf", "\(folder)/wg0.conf"].map { captures.appending(path: $0).path }
    if let configuration = configurations.first(where: { FileManager.default.fileExists(atPath: $0) }) {
      try WireGuardConfig.read(configuration).apply(to: &policy)
    }
    return policy
  }

  /// Up to where the file is damaged, if it is.
  private func audit(_ path: String, _ policy: TunnelPolicy) throws -> Audited {
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    var reader = try SavefileReader(try ByteStream(path: path))
    var keeper = LeakKeeper(EvidenceReplay(path).interfaces)
    reading: do throws(SavefileError) {
      while true {
        switch try auditor.audit(&reader, &cursor, until: .distantFuture, limit: 1 << 16, observer: &keeper) {
        case .end: break reading
        case .newInterface:
          for index in cursor.interfaces.count..<reader.interfaceCount {
            let interface = reader.interfaces[index]
            cursor.interfaces.append(
              auditor.attach(
                InterfaceTally(name: interface.name ?? "#\(index)", linkType: interface.linkType, role: nil)))
          }
        case .limit, .later, .newIndex: continue
        }
      }
    } catch {
      #expect(error.position > 0)
    }
    return Audited(lines: keeper.lines, records: keeper.records, frames: auditor.frames)
  }
}
