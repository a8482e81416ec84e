import Audit
import Foundation
import Policy
import PolicyFiles
import Savefile
import TestNeeds
import TestSupport
import Testing
import Wire

@testable import Report

/// What is shown to strangers must still say the same.
@Suite struct RedactionTests {
  private static let key = Array("a key of the tests".utf8)

  private struct Verdicts: FrameObserver {
    static var isActive: Bool { true }
    var list: [String] = []

    mutating func observe(
      _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
      interface: String, policy: TunnelPolicy
    ) {
      // The classifier's own reason; what a rule of the pack calls the rest depends on content that is cut.
      list.append("\(verdict)")
    }
  }

  // Only the two ends know AmneziaWG's header, and it is hidden with the rest of the payload.
  @Test(arguments: EvidenceVerdictTests.names.filter { $0 != "shapes/amneziawg.pcap" })
  func `every verdict of every capture stays the same, and no public address does`(name: String) throws {
    let policy = try Self.learned(EvidenceVerdictTests.policy(of: name), name)
    let redactor = Redactor(key: Self.key, policy: policy)
    let path = EvidenceVerdictTests.captures.appending(path: name).path
    let shown = redactor.policy(policy)
    let replay = EvidenceReplay(path)
    var before = Auditor(policy, seed: 1)
    var after = Auditor(shown, seed: 1)
    var verdicts = (Verdicts(), Verdicts())
    var originals = Set((policy.endpoints.map(\.value.endpoint.address)).filter { AddressScope($0) == .public })
    for record in replay.records {
      let redacted = record.redacted(redactor)
      #expect(redacted.bytes.count <= record.bytes.count)
      Self.audit(record, &before, &verdicts.0)
      Self.audit(redacted, &after, &verdicts.1)
      let packet = Self.decode(record)
      if packet.network == .ip {
        originals.formUnion([packet.source, packet.destination].filter { AddressScope($0) == .public })
      }
      let shownPacket = Self.decode(redacted)
      if packet.network == .ip {
        #expect(shownPacket.source == redactor.address(packet.source))
        #expect(shownPacket.destination == redactor.address(packet.destination))
      }
    }
    let differences = zip(verdicts.0.list, verdicts.1.list).enumerated().filter { $0.element.0 != $0.element.1 }
    #expect(differences.isEmpty, "\(differences.map { "\($0.offset + 1): \($0.element)" })")
    #expect(originals.isDisjoint(with: originals.map(redactor.address)))
  }

  /// With the addresses of Endpoints given by name, which DNS shows in the capture but not after redaction.
  private static func learned(_ policy: TunnelPolicy, _ name: String) -> TunnelPolicy {
    var auditor = Auditor(policy, seed: 1)
    var ignored = Verdicts()
    for record in EvidenceReplay(EvidenceVerdictTests.captures.appending(path: name).path).records {
      audit(record, &auditor, &ignored)
    }
    var learned = auditor.policy
    learned.namedEndpoints = []
    return learned
  }

  private static func decode(_ record: EvidenceRecord) -> DecodedPacket {
    PacketDecoder.decode(
      CapturedFrame(
        bytes: record.bytes.rawSpan, originalLength: record.originalLength, timestamp: record.timestamp,
        linkType: record.linkType, interface: 0, recordDirection: record.direction))
  }

  /// A source of one frame.
  private struct One: FrameSource, ~Copyable {
    typealias Failure = Never
    let record: EvidenceRecord
    var isRead = false
    init(_ record: EvidenceRecord) { self.record = record }
    mutating func advance() -> Bool {
      defer { isRead = true }
      return !isRead
    }
    var frame: CapturedFrame {
      @_lifetime(borrow self) get {
        CapturedFrame(
          bytes: record.bytes.rawSpan, originalLength: record.originalLength, timestamp: record.timestamp,
          linkType: record.linkType, interface: 0, recordDirection: record.direction)
      }
    }
  }

  private static func audit(_ record: EvidenceRecord, _ auditor: inout Auditor, _ observer: inout Verdicts) {
    var cursor = SourceCursor()
    let number = auditor.interfaces.firstIndex { $0.name == record.interfaceName }
    cursor.interfaces = [
      number ?? auditor.attach(InterfaceTally(name: record.interfaceName, linkType: record.linkType, role: nil))
    ]
    var source = One(record)
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: 1, observer: &observer)
  }

  @Test func `hardware addresses and names are gone from the bytes`() throws {
    let path = EvidenceVerdictTests.captures.appending(path: "malformed-postup.bridge.pcap").path
    let redactor = Redactor(key: Self.key, policy: TunnelPolicy())
    for record in EvidenceReplay(path).records {
      let bytes = record.redacted(redactor).bytes
      for offset in [0, 6] {
        let (shown, original) = (Array(bytes[offset..<offset + 6]), Array(record.bytes[offset..<offset + 6]))
        #expect(shown == filler(6, 0xFF) || shown != original && shown[0] & 3 == 2)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("mullvad") && !text.contains("example"))
    }
  }

  /// What decides is each destination, and what could not be read.
  @Test func `a source route stays one, to the same destinations`() {
    let redactor = Redactor(key: Self.key, policy: TunnelPolicy())
    let (source, near) = (address("172.18.0.2"), address("192.168.1.1"))
    let datagram = udp(1, 4444, filler(20))
    func four(_ options: [UInt8]) -> [UInt8] { ipv4(from: source, to: near, .udp, datagram, options: options) }
    func six(_ header: [UInt8]) -> [UInt8] {
      ipv6(from: address("fd00::2"), to: address("fd00::1"), .routing, header + datagram)
    }
    let google = octets(address("2001:4860:4860::8888"))
    let packets = [
      four([131, 7, 4, 8, 8, 8, 8]), four([1, 137, 11, 4, 8, 8, 8, 8, 10, 0, 0, 1, 131, 7, 4, 9, 9, 9, 9, 7, 0]),
      four([7, 7, 4, 8, 8, 8, 8, 7, 0]), four([7, 7, 4, 8, 8, 8, 8]), Array(four(filler(40, 1)).prefix(40)),
      six([17, 2, 0, 1, 0, 0, 0, 0] + google), six([17, 4, 4, 1, 1, 0, 0, 0] + google + octets(address("fd00::1"))),
      six([17, 2, 3, 1, 0, 0, 0, 0] + google),
    ]
    for packet in packets {
      let frame = SampleFrame(packet, originalLength: 200)
      let shown = SampleFrame(RedactedFrame.bytes(frame.captured, redactor), originalLength: 200)
      let (before, after) = (SourceRoute(frame.decoded, frame.captured), SourceRoute(shown.decoded, shown.captured))
      #expect(frame.decoded.hasSourceRoute == shown.decoded.hasSourceRoute, "\(packet)")
      #expect(before.isReadable == after.isReadable && before.count == after.count, "\(packet)")
      for index in 0..<min(before.count, after.count) { #expect(after[index] == redactor.address(before[index])) }
      #expect(shown.bytes.firstRange(of: [8, 8, 8, 8]) == nil && shown.bytes.firstRange(of: google) == nil)
    }
  }

  @Test(
    .needs(.tshark),
    arguments: ["malformed-postup.bridge.pcap", "names/http-dns.pcap", "quiet/lan.nic.pcap", "healthy.bridge.pcap"])
  func `checksums are valid after redaction, as tshark computes them`(name: String) throws {
    let redactor = Redactor(key: Self.key, policy: TunnelPolicy())
    let directory = try TemporaryDirectory()
    var file = try EvidenceFile(in: directory.path)
    for record in EvidenceReplay(EvidenceVerdictTests.captures.appending(path: name).path).records {
      file.write(record.redacted(redactor))
    }
    file.finish(at: EvidenceFile.sampleTime)
    let layers = ["ip", "tcp", "udp", "icmp", "icmpv6"]
    let run = try ProgramRun(
      "tshark",
      ["-n", "-r", file.outcome.path, "-T", "fields"]
        + layers.prefix(3).flatMap { ["-o", "\($0).check_checksum:TRUE"] }
        + layers.flatMap { ["-e", "\($0).checksum.status"] })
    let states = run.output.split { "\t\n,".contains($0) }
    // 0 is bad, 1 is good, 2 is not verified: of what was cut.
    #expect(!states.contains("0"), "\(run.output)")
    #expect(states.contains("1"))
  }

  @Test func `no padding of a frame stays`() {
    let packet = udpPacket("172.18.0.2:9", "198.51.100.7:9", Array("hello".utf8))
    var record = EvidenceRecord.sample(0)
    record.bytes = ethernet(packet) + Array("lost secret".utf8)
    let shown = record.redacted(Redactor(key: Self.key, policy: TunnelPolicy())).bytes
    #expect(shown.count == 14 + packet.count)
    #expect(Array(shown.suffix(5)) == filler(5, 0))
  }
}
