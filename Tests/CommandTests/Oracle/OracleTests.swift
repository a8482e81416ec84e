import Foundation
import TestNeeds
import TestSupport
import Testing

/// Verdicts, frame by frame, against a second classifier that sees only what tshark dissects.
@Suite struct OracleTests {
  // Captures that tshark reads differently say so where they are made (`FormatCapture.unlikeTshark`).
  static let captures = CapturedCase.all.filter { capture in
    !FormatCapture.all.contains { $0.unlikeTshark != nil && $0.path == capture.captures[0] }
      // tshark's fields do not show which way frames went through an interface with a role.
      && capture.captures.count == 1 && capture.policy == nil
      // WireGuard's own format is the only one that tshark knows.
      && !CapturedCase.shapes.contains { $0.name == capture.name }
  }

  static let formats = OracleClassifier.Policy(
    endpoints: [(OracleAddress("203.0.113.178")!, 51820), (OracleAddress("2001:db8:178::1")!, 51820)],
    tunnelAddresses: ["10.64.114.74", "fc00:bbbb:bbbb:bb01::1:7249"].map { OracleAddress($0)! },
    tunnelResolvers: [OracleAddress("10.64.0.1")!])

  @Test(.needs(.tshark), arguments: captures)
  func `decides each frame as tshark's fields do`(_ capture: CapturedCase) throws {
    var policy = Self.formats
    // If the configuration has no Address, there is no tunnel address.
    if !capture.name.hasPrefix("captures/formats"), capture.name.contains(/malformed|docker/) {
      policy.tunnelAddresses = []
    }
    let frames = try Command.run(capture.arguments + ["--per-frame"]).frames()
    let differences = try Self.differences(frames, TsharkFrame.dissectOnce(capture.captures[0]), policy)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  /// A failure is repeated with `RANDOM_SEED=… swift test --filter OracleTests`; `RANDOM_FRAMES` looks longer.
  static let seeds: [UInt64] =
    setting("RANDOM_SEED").map { [$0] } ?? (0..<2).map { _ in UInt64.random(in: .min ... .max) }
  static let frameCount = Int(setting("RANDOM_FRAMES") ?? 1000)

  private static func setting(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  @Test(.needs(.tshark), arguments: seeds)
  func `agrees on random traffic`(seed: UInt64) throws {
    print("random traffic of seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    let path = try directory.file("random.pcapng", RandomTraffic.capture(Self.frameCount, &random))
    let dissected = try TsharkFrame.dissect(path)
    for (policy, arguments) in RandomTraffic.policies {
      let frames = try Command.run(["replay", path, "--per-frame"] + arguments).frames()
      let differences = Self.differences(frames, dissected, policy)
      #expect(differences.isEmpty, "seed \(seed), \(arguments):\n\(differences.prefix(10).joined(separator: "\n"))")
    }
  }

  private static func differences(
    _ frames: [FrameVerdict], _ dissected: [TsharkFrame], _ policy: OracleClassifier.Policy
  ) -> [String] {
    guard dissected.count == frames.count else { return ["\(frames.count) frames, tshark has \(dissected.count)"] }
    var oracle = OracleClassifier(policy)
    return zip(frames, dissected).compactMap { frame, fields in
      let expected = oracle.classify(fields)
      var found = OracleClassifier.Answer(verdict: frame.verdict, kind: frame.kind)
      if found.verdict == "leak", let kind = found.kind, !structural.contains(kind) { found.kind = "label" }
      // Known limit of tshark: if the chain is complete, its last next-header field can be enough to decide.
      if expected.kind == "undecodable", fields.endsInExtensionHeaders { return nil }
      // The rule pack also gives these labels to packets from the port.
      if expected.kind == "label", fields.sourcePort == 853, found.kind == "dot" || found.kind == "doq" { return nil }
      // A UDP header cut after its length field: tshark reads the length, but this decoder reads it only from complete
      // headers.
      if found.kind == "undecodable", fields.number("udp.length") != nil, fields["udp.checksum"].isEmpty { return nil }
      guard found == expected else {
        return "frame \(frame.frame): \(found), expected \(expected): \(fields.layers) \(fields["ip.dst"])"
          + "\(fields["ipv6.dst"])"
      }
      // The name of a DNS leak must be tshark's too.
      if expected.kind == "dns", let name = fields["dns.qry.name"].first, frame.name != name, !fields.isLaterFragment {
        return "frame \(frame.frame): name \(frame.name ?? "none"), expected \(name)"
      }
      return nil
    }
  }

  private static let structural = [
    "undecodable", "fragment", "not-wireguard", "endpoint-bypass", "tunnel-address", "dns", "tunnel-destination", "dot",
    "doq", "multicast",
  ]
}

extension TsharkFrame {
  var sourcePort: Int? { number("udp.srcport") ?? number("tcp.srcport") }
  var isLaterFragment: Bool { OraclePacket(self)?.isLaterFragment == true }
}
