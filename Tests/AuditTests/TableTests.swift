import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// The tables that verdicts rest on, against slow and obvious ones.
@Suite struct TableTests {
  private let sample = SampleFrame(udpPacket("192.0.2.1:1", "192.0.2.2:2")).decoded

  /// Small keys with a hash that collides on purpose.
  private func hash(_ key: UInt16) -> UInt64 { UInt64(key % 5) }

  @Test func `keeps the most recently used keys of a neighbourhood and counts the others`() {
    var random = SeededGenerator()
    // Sixteen slots and five hashes: neighbourhoods overlap, so a key may go early, but only for another
    // and never by being forgotten in silence.
    var table = BoundedTable<UInt16, Int>(capacity: 16)
    var oracle: [UInt16: Int] = [:]
    var lost: Set<UInt16> = []
    for round in 0..<20_000 {
      let key = UInt16.random(in: 0..<40, using: &random)
      if Bool.random(using: &random) {
        let before = table.evictions
        let displaced = table.insert(key, round, hash: hash(key))
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
      guard table.find(key, hash: hash(key)) == oracle[key] else {
        Issue.record("key \(key), round \(round), seed \(random.seed)")
        return
      }
    }
    #expect(!lost.isEmpty && table.evictions > 0)
  }

  @Test func `gives up the least recently used key of a full neighbourhood`() {
    var table = BoundedTable<UInt16, Int>(capacity: 16)
    for key in UInt16(0)..<8 { #expect(table.insert(key, Int(key), hash: 0) == nil) }
    for key in UInt16(0)..<8 where key != 5 { #expect(table.find(key, hash: 0) == Int(key)) }
    #expect(table.insert(8, 8, hash: 0) == 5)
    #expect(table.find(5, hash: 0) == nil)
    #expect(table.find(0, hash: 0) == 0)
    #expect(table.evictions == 1)
  }

  @Test func `does not lose keys at the table's end`() {
    var table = BoundedTable<UInt16, Int>(capacity: 16)
    for key in UInt16(0)..<8 { #expect(table.insert(key, Int(key), hash: 15) == nil) }
    for key in UInt16(0)..<8 { #expect(table.find(key, hash: 15) == Int(key)) }
  }

  @Test func `finds nothing in a table that was never used`() {
    var table = BoundedTable<UInt16, Int>(capacity: 16)
    #expect(table.find(0, hash: 0) == nil)
  }

  @Test func `remembers flows as a set does, as long as there is room`() {
    var random = SeededGenerator()
    for seed in [0, 1, random.next()] {
      var table = FlowTable(seed: seed)
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
    var table = FlowTable(seed: 7)
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

  @Test func `finds what the policy says of an address as a search through the policy does`() {
    var random = SeededGenerator()
    for _ in 0..<60 {
      // Few different addresses, so that meanings meet.
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
}
