import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// The tables that verdicts depend on, against slow and simple ones.
@Suite struct TableTests {
  private let sample = SampleFrame(udpPacket("192.0.2.1:1", "192.0.2.2:2")).decoded

  /// A key whose hash is chosen.
  private struct ChosenKey: TableKey {
    var number: UInt16
    var chosen: UInt64

    func mix(into hash: inout KeyHash) {}

    func hash(seed: UInt64) -> UInt64 { chosen }
  }

  private func key(_ number: UInt16, hash: UInt64) -> ChosenKey { ChosenKey(number: number, chosen: hash) }

  /// Small keys with a hash that collides on purpose.
  private func colliding(_ number: UInt16) -> ChosenKey { key(number, hash: UInt64(number % 5)) }

  @Test func `keeps the most recently used keys of a neighbourhood and counts the others`() {
    var random = SeededGenerator()
    // Sixteen slots and five hashes: neighbourhoods overlap, so a key may go early, but only for another
    // and is never forgotten silently.
    var table = BoundedTable<ChosenKey, Int>(capacity: 16, seed: 0)
    var oracle: [UInt16: Int] = [:]
    var lost: Set<UInt16> = []
    for round in 0..<20_000 {
      let key = UInt16.random(in: 0..<40, using: &random)
      if Bool.random(using: &random) {
        let before = table.evictions
        let displaced = table.insert(colliding(key), round)
        guard (displaced != nil) == (table.evictions == before + 1) else {
          Issue.record("an eviction was not counted, seed \(random.seed)")
          return
        }
        if let displaced, let gone = oracle.first(where: { $0.value == displaced })?.key {
          oracle[gone] = nil
          lost.insert(gone)
        }
        oracle[key] = round
      }
      guard table.find(colliding(key)) == oracle[key] else {
        Issue.record("key \(key), round \(round), seed \(random.seed)")
        return
      }
    }
    #expect(!lost.isEmpty && table.evictions > 0)
  }

  @Test func `evicts the least recently used key of a full neighbourhood`() {
    var table = BoundedTable<ChosenKey, Int>(capacity: 16, seed: 0)
    for number in UInt16(0)..<8 { #expect(table.insert(key(number, hash: 0), Int(number)) == nil) }
    for number in UInt16(0)..<8 where number != 5 { #expect(table.find(key(number, hash: 0)) == Int(number)) }
    #expect(table.insert(key(8, hash: 0), 8) == 5)
    #expect(table.find(key(5, hash: 0)) == nil)
    #expect(table.find(key(0, hash: 0)) == 0)
    #expect(table.evictions == 1)
  }

  @Test func `does not lose keys at the table's end`() {
    var table = BoundedTable<ChosenKey, Int>(capacity: 16, seed: 0)
    for number in UInt16(0)..<8 { #expect(table.insert(key(number, hash: 15), Int(number)) == nil) }
    for number in UInt16(0)..<8 { #expect(table.find(key(number, hash: 15)) == Int(number)) }
  }

  @Test func `finds nothing in a table that was never used`() {
    var table = BoundedTable<ChosenKey, Int>(capacity: 16, seed: 0)
    #expect(table.find(key(0, hash: 0)) == nil)
  }

  @Test func `remembers flows as a set does, as long as there is room`() {
    var random = SeededGenerator()
    for seed in [0, 1, random.next()] {
      var table = FlowTable(capacity: 1 << 16, seed: seed)
      var oracle: Set<FlowKey> = []
      for _ in 0..<5_000 {
        let from = IPAddress(v4: 0xCB00_7100 | UInt32.random(in: 0..<4, using: &random))
        let to = IPAddress(v6High: 0x2001 << 48, low: .random(in: 0..<4, using: &random))
        var packet = sample
        (packet.source, packet.destination) = Bool.random(using: &random) ? (from, to) : (to, from)
        packet.protocolNumber = Bool.random(using: &random) ? .udp : .tcp
        packet.sourcePort = .random(in: 0..<8, using: &random)
        packet.destinationPort = .random(in: 0..<8, using: &random)
        guard let key = FlowKey(packet) else { continue }
        #expect(key.reversed.reversed == key)
        if Int.random(in: 0..<4, using: &random) == 0 {
          table.insert(key)
          oracle.insert(key)
        }
        guard table.contains(key) == oracle.contains(key), table.contains(key.reversed) == oracle.contains(key.reversed)
        else {
          Issue.record("\(key), seed \(random.seed)")
          return
        }
      }
      #expect(table.evictions == 0 && oracle.count > 500)
    }
  }

  @Test func `forgets flows only by eviction and counts each`() {
    var table = FlowTable(capacity: 1 << 16, seed: 7)
    var packet = sample
    let count = 100_000
    var keys: [FlowKey] = []
    for index in 0..<count {
      packet.source = IPAddress(v4: UInt32(index))
      if let key = FlowKey(packet) { keys.append(key) }
    }
    for key in keys { table.insert(key) }
    let kept = keys.filter { table.contains($0) }.count
    #expect(kept == count - table.evictions)
    #expect(table.evictions > count - 65_536 - 1 && kept > 50_000)
  }

  @Test func `finds the same policy entry as a search through the policy`() {
    var random = SeededGenerator()
    for _ in 0..<60 {
      // Few different addresses, so that meanings overlap.
      func some(_ count: Int) -> [IPAddress] {
        (0..<Int.random(in: 0...count, using: &random)).map { _ in
          Bool.random(using: &random)
            ? IPAddress(v4: .random(in: 0..<40, using: &random))
            : IPAddress(v6High: 0, low: .random(in: 0..<40, using: &random))
        }
      }
      var policy = TunnelPolicy()
      policy.endpoints = some(40).map {
        stated(TunnelEndpoint(Endpoint(address: $0, port: .random(in: 1...4, using: &random))))
      }
      policy.tunnelAddresses = some(8).map { stated($0) }
      policy.tunnelResolvers = some(8).map { stated($0) }
      policy.resolvers = Set(some(8)).map { stated($0) }
      let table = SpecialAddresses(policy)
      for wanted in (0..<44).flatMap({ [IPAddress(v4: UInt32($0)), IPAddress(v6High: 0, low: UInt64($0))] }) {
        guard agrees(table, policy, wanted) else {
          Issue.record("\(wanted) in \(policy), seed \(random.seed)")
          return
        }
      }
    }
  }

  private func agrees(_ table: SpecialAddresses, _ policy: TunnelPolicy, _ wanted: IPAddress) -> Bool {
    let entry = table.find(wanted)
    let positions = policy.endpoints.indices.filter { policy.endpoints[$0].value.endpoint.address == wanted }
    var meaning: SpecialAddresses.Meaning = []
    if !positions.isEmpty { meaning.insert(.endpoint) }
    if policy.tunnelAddresses.contains(where: { $0.value == wanted }) { meaning.insert(.tunnelAddress) }
    if policy.tunnelResolvers.contains(where: { $0.value == wanted }) { meaning.insert(.tunnelResolver) }
    let resolver = policy.resolvers.firstIndex { $0.value == wanted }
    if resolver != nil { meaning.insert(.resolver) }
    guard let entry else { return meaning.isEmpty }
    let ports = table.ports[Int(entry.firstEndpoint)..<Int(entry.firstEndpoint + entry.endpointCount)]
    return entry.meaning == meaning && entry.address == wanted && ports.map { Int($0.position) } == positions
      && ports.map(\.port) == positions.map { policy.endpoints[$0].value.endpoint.port }
      && (resolver == nil || Int(entry.resolver) == resolver)
  }

  /// Keys as traffic has them, each set as many as an eighth of the slots: random ones would leave one slot in sixteen
  /// of those that they could use to another.
  @Test(arguments: [
    "one client, many ports", "many clients, one port", "even ports", "many servers", "echo identifiers",
  ])
  func `realistic flows use as many slots as random ones would`(kind: String) {
    let slots = 1 << 16
    let count = slots / 8
    var used = [Bool](repeating: false, count: slots)
    for number in 0..<count {
      var packet = sample
      packet.source = IPAddress(v4: 0xAC12_0002)
      packet.destination = IPAddress(v4: 0xC633_6409)
      packet.sourcePort = 40_000
      packet.destinationPort = 443
      switch kind {
      case "one client, many ports": packet.sourcePort = UInt16(number)
      case "many clients, one port": packet.source = IPAddress(v4: 0x0A00_0000 + UInt32(number))
      case "even ports": packet.sourcePort = UInt16(number * 2)
      case "many servers": packet.destination = IPAddress(v6High: 0x2001_0DB8_0000_0000, low: UInt64(number) << 32)
      default:
        packet.protocolNumber = .icmp
        packet.flagsOrType = 8
        (packet.sourcePort, packet.destinationPort) = (UInt16(number), UInt16(number))
      }
      guard let key = FlowKey(packet) else { continue }
      used[Int(truncatingIfNeeded: key.hash(seed: 1)) & (slots - 1)] = true
    }
    // Of random keys, 1 - exp(-1/8) of the slots are used: 7,701.
    #expect((7_500...7_900).contains(used.count { $0 }), "\(used.count { $0 })")
  }

  @Test func `one client's flows can fill almost all slots`() {
    var table = BoundedTable<FlowKey, Int>(capacity: 1 << 16, seed: 7)
    var packet = sample
    for port in UInt16(0)..<32_768 {
      packet.sourcePort = port
      guard let key = FlowKey(packet) else { continue }
      table.insert(key, 0)
    }
    // Half full: a neighbourhood of eight is full by chance now and then.
    #expect(table.evictions < 200, "\(table.evictions)")
    #expect(table.count == 32_768 - table.evictions)
  }
}
