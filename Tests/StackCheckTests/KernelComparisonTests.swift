import Foundation
import PolicyFiles
import ShellScript
import TestNeeds
import TestSupport
import Testing
import Wire

@testable import StackCheck

/// Random rule sets, made with the real iptables and nft in a network namespace and tested with real packets: what is
/// surely open must be open, and what is in no region must not be. Uncertain packets are not checked.
struct KernelComparisonTests {
  struct Case: Encodable {
    struct Packet: Encodable {
      var destination, source: String
      var `protocol`: UInt8
      var destinationPort, sourcePort, icmp: UInt16
      var mark: UInt32
      var out, `in`: String
      var established: Bool
      /// Sent by a program that is bound to no interface.
      var unbound: Bool
      var tuple: String { "\(destination) \(source) \(`protocol`) \(destinationPort) \(sourcePort)" }
    }
    var script: String
    var packets: [Packet] = []
    /// What the model says: true if it surely gets out, false if it does not, nil if it may.
    var expected: [Bool?] = []

    enum CodingKeys: CodingKey { case script, packets }
  }

  /// How many rule sets: a run of thousands is `Tests/Lab/rulesets`.
  private static let count = ProcessInfo.processInfo.environment["LEAKAUDIT_RULE_SETS"].flatMap { Int($0) } ?? 120

  @Test(.needs(.root, .netfilter, .namespaces))
  func `the kernel lets out what is surely open, and nothing outside the regions`() throws {
    let seed = ProcessInfo.processInfo.environment["LEAKAUDIT_SEED"].flatMap { UInt64($0) }
    var rules = RandomRules(random: seed.map { SeededGenerator(seed: $0) } ?? SeededGenerator())
    rules.hasRoutes = true
    print("seed \(rules.random.seed), \(Self.count) rule sets")
    // Rule sets beyond the limits have no answer, and must stay rare.
    let cases = (0..<Self.count).compactMap { _ in try? Self.randomCase(&rules) }
    #expect(cases.count * 100 >= Self.count * 98)
    let fates = try Lab.ask(cases)
    try #require(fates.count == cases.count)
    var open = 0
    var closed = 0
    var either = 0
    for (fate, asked) in zip(fates, cases) {
      try #require(fate.count == asked.packets.count)
      var disagreements: [String] = []
      for ((came, expected), packet) in zip(zip(fate, asked.expected), asked.packets) {
        guard let expected else {
          either += 1
          continue
        }
        if expected { open += 1 } else { closed += 1 }
        if !came.isEmpty != expected { disagreements.append("\(packet) came out by '\(came)'") }
      }
      #expect(disagreements.isEmpty, "\(disagreements.first ?? "") under\n\(asked.script)")
    }
    print(
      "\(open) packets of regions that are surely open in \(cases.count) rule sets, \(closed) of none, \(either) that may go either way"
    )
    #expect(open > Self.count * 5 && closed > Self.count * 5)
  }

  private static func randomCase(_ rules: inout RandomRules) throws -> Case {
    var result = Case(script: rules.script())
    let host = RulesetTests.host(result.script)
    let ruleset = host.namespace.ruleset
    for family in IPFamily.allCases {
      let context = try HeaderContext(
        family, interfaces: RandomRules.interfaces, marks: RandomRules.marks, changes: ruleset.markChanges(family),
        hasUnknownMark: ruleset.setsUnknownMarks(family))
      for isForwarded in [false, true] {
        var start = context.everything
        start.inInterfaces = context.interfaces { isForwarded != $0.isEmpty }
        var walk = RulesetWalk(ruleset, context)
        // What is routed for others has its own route, which is not covered here.
        let refused = try isForwarded ? HeaderRegion() : host.namespace.policy.refused(context)
        let hasPolicy = isForwarded && host.namespace.policy != RoutingPolicy()
        let groups = try walk.passing(
          HeaderRegion(start), isForwarded ? Ruleset.forwardedWay : Ruleset.ownWay)
        let sure = try groups.map { try walk.sure($0, within: HeaderRegion(start)) }
        let doubtful = groups.filter(\.isChanged)
        for index in 0..<10 {
          // Half of the packets are drawn from what is said to be open.
          let box = index % 2 == 0 ? sure.flatMap(\.boxes).randomElement(using: &rules.random) : nil
          guard let packet = rules.packet(context, in: box, isForwarded: isForwarded) else { continue }
          let isSure = sure.contains { $0.contains(packet) }
          let mayPass = groups.contains { $0.possible.contains(packet) }
          // Routes for another interface, and own addresses on it, are not compared.
          if packet.kind == .own, host.namespace.policy != RoutingPolicy() { continue }
          // Packets without a route do not leave unless the program is bound to an interface.
          let isHeld = refused.contains(packet)
          let sent = Case.Packet(packet, context, isUnbound: isHeld)
          guard !result.packets.contains(where: { $0.tuple == sent.tuple }) else { continue }
          result.packets.append(sent)
          // A packet that a rule changed leaves differently than it was sent.
          result.expected.append(
            isHeld ? false : isSure && !hasPolicy ? true : mayPass || !doubtful.isEmpty ? nil : false)
        }
      }
    }
    return result
  }
}

extension KernelComparisonTests.Case.Packet {
  init(_ packet: HeaderPacket, _ context: HeaderContext, isUnbound: Bool) {
    self.init(
      destination: "\(packet.destination)", source: "\(packet.source)", protocol: packet.protocolNumber,
      destinationPort: packet.destinationPort, sourcePort: packet.sourcePort, icmp: packet.icmp,
      mark: context.marks[packet.mark], out: context.interfaces[packet.outInterface],
      in: context.interfaces[packet.inInterface], established: packet.state == .established, unbound: isUnbound)
  }
}

/// The kernel, in a network namespace of its own.
private enum Lab {
  static func ask(_ cases: [KernelComparisonTests.Case]) throws -> [[String]] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Lab/netfilter")
    process.arguments = ["unshare", "--net", script.path]
    // A file, because a program that ends early would also end the writer of its pipe.
    let directory = try TemporaryDirectory()
    let file = try directory.file("cases.json", Array(JSONEncoder().encode(cases)))
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: file))
    process.standardOutput = output
    try process.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "the kernel could not be asked")
    return try JSONDecoder().decode([[String]].self, from: answer)
  }
}
