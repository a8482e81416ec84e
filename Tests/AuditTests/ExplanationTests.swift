import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// An explanation must explain the verdict that was given, and no other.
struct ExplanationTests {
  /// The class that the answers lead to by the contract, from the last question alone.
  private static func conclusion(_ asked: [(step: Step, answer: Bool)]) -> VerdictClass? {
    guard let last = asked.last else { return nil }
    if last.step.section.hasPrefix("1.") || last.step == .tunnelInside { return .ingress }
    switch last.step {
    case .linkProtocol, .local: return last.answer ? .local : .leak
    case .endpointShape, .demandedPeer: return last.answer ? .tunnel : .leak
    case .servedSession: return .tunnel
    case .contestedCandidate: return last.answer ? nil : .tunnel
    case .allowRule, .permittedFlow: return .allowed
    case .loopback: return .local
    case .resolver: return last.answer ? .allowed : .leak
    case .undeclared: return last.answer ? .leak : .local
    case .laterFragment: return nil
    case .sourceRoute: return last.answer ? .leak : nil
    default: return .leak
    }
  }

  @Test func `explanations of random packets match their verdicts`() throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    var policy = TunnelPolicy()
    policy.endpoints = [
      Stated(TunnelEndpoint(Endpoint(address: IPAddress("203.0.113.178")!, port: 51820)), origin: "a")
    ]
    policy.tunnelAddresses = [Stated(IPAddress("10.64.114.74")!, origin: "b")]
    policy.tunnelResolvers = [Stated(IPAddress("10.64.0.1")!, origin: "c")]
    policy.resolvers = [Stated(IPAddress("192.168.1.1")!, origin: "d")]
    policy.servedPorts = [Stated(51821, origin: "e")]
    policy.local = [Stated(IPPrefix("198.51.100.0/25")!, origin: "f")]
    let addresses = [
      "203.0.113.178", "10.64.114.74", "10.64.0.1", "192.168.1.1", "192.168.1.9", "172.18.0.2", "198.51.100.3",
      "198.51.100.200", "8.8.8.8", "9.9.9.9", "127.0.0.1", "224.0.0.251", "232.1.1.1", "255.255.255.255", "0.0.0.0",
    ].map { IPAddress($0)! }
    var seen: Set<VerdictClass> = []
    for strict in [false, true] {
      policy.strictLocal = strict
      var classifier = Classifier(policy, seed: 1)
      var other = Classifier(policy, seed: 1)
      for _ in 0..<4000 {
        var bytes = Self.packet(
          addresses.randomElement(using: &random)!, addresses.randomElement(using: &random)!, &random)
        if Int.random(in: 0..<10, using: &random) == 0 {
          bytes = Array(bytes.prefix(.random(in: 0...bytes.count, using: &random)))
        }
        let frame = CapturedFrame(
          bytes: bytes.rawSpan, originalLength: bytes.count, timestamp: Timestamp(nanoseconds: 0), linkType: .raw,
          interface: 0, recordDirection: [.unknown, .incoming, .outgoing].randomElement(using: &random)!)
        let role = [nil, InterfaceRole.bridge, .nic].randomElement(using: &random)!
        let packet = PacketDecoder.decode(frame)
        let sighting = Sighting(packet, frame, at: Place(0, role))
        var (steps, noSteps) = (StepList(), NoSteps())
        let decision = classifier.classify(sighting, &steps)
        let silent = other.classify(sighting, &noSteps)
        #expect(silent.verdict == decision.verdict && silent.step == decision.step)
        #expect(steps.asked.last?.step == decision.step, "\(packet)")
        seen.insert(decision.verdict.verdictClass)
        guard let conclusion = Self.conclusion(steps.asked) else { continue }
        #expect(conclusion == decision.verdict.verdictClass, "\(packet): \(steps.asked)")
      }
    }
    #expect(seen.count == 5)
  }

  private static func packet(_ source: IPAddress, _ destination: IPAddress, _ random: inout SeededGenerator) -> [UInt8]
  {
    let number: UInt8 = [1, 6, 17, 17, 17, 47].randomElement(using: &random)!
    var payload: [UInt8] = []
    for port in 0..<2 {
      let value: UInt16 = [53, 853, 443, 51820, 51821].randomElement(using: &random)! &+ UInt16(port * 0)
      payload += [UInt8(value >> 8), UInt8(value & 0xFF)]
    }
    let content: [UInt8] =
      Bool.random(using: &random) ? [4, 0, 0, 0] + Array(repeating: 7, count: 40) : [1, 2, 3, 4, 5]
    payload +=
      number == 6
      ? [0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0] : [0, UInt8(8 + content.count), 0, 0] + content
    let fragment: UInt8 = Int.random(in: 0..<12, using: &random) == 0 ? [0x20, 0x01].randomElement(using: &random)! : 0
    func octets(_ address: IPAddress) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: address.low >> UInt64(24 - 8 * $0)) }
    }
    return [0x45, 0, 0, UInt8(20 + payload.count), 0, 1, fragment, 0, 64, number, 0, 0] + octets(source)
      + octets(destination) + payload
  }
}
