import TestNeeds
import TestSupport
import Testing
import Wire

@testable import Who

@Suite struct SenderTableTests {
  private static let flow = SenderFlow(
    source: IPAddress(v4: 1), sourcePort: 1, destination: IPAddress(v4: 2), destinationPort: 2, protocolNumber: .udp)

  private static func owner(
    _ certainty: Certainty, _ number: UInt32? = nil, container: String? = "c", namespace: UInt32 = 1
  ) -> SocketOwner {
    SocketOwner(
      certainty: certainty, namespace: namespace, container: container,
      process: number.map { .init(number: $0, innerNumber: 1, started: 1, program: "p\($0)") })
  }

  private static func owners(_ told: [SocketOwner]) -> [SocketOwner] {
    var table = SenderTable()
    for owner in told { table.note(SenderEvent(flow: flow, owner: owner)) }
    return table.answer(flow).owners
  }

  @Test func `the surest word on a process stays`() {
    #expect(Self.owners([Self.owner(.listed, 5), Self.owner(.sent, 5)]) == [Self.owner(.sent, 5)])
    #expect(Self.owners([Self.owner(.sent, 5), Self.owner(.used, 5)]) == [Self.owner(.sent, 5)])
  }

  @Test func `two processes of one flow are both told`() {
    #expect(Self.owners([Self.owner(.sent, 5), Self.owner(.sent, 6)]) == [Self.owner(.sent, 5), Self.owner(.sent, 6)])
    // Two networks may use the same addresses.
    let other = Self.owner(.sent, 5, namespace: 2)
    #expect(Self.owners([Self.owner(.sent, 5), other]) == [Self.owner(.sent, 5), other])
  }

  @Test func `an owner without a process never replaces one with`() {
    for vague in [Self.owner(.kernel), Self.owner(.unknown), Self.owner(.kernel, container: nil)] {
      #expect(Self.owners([Self.owner(.sent, 5), vague]) == [Self.owner(.sent, 5)])
      #expect(Self.owners([vague, Self.owner(.sent, 5)]) == [Self.owner(.sent, 5)])
    }
    let foreign = Self.owner(.unknown, container: "d")
    #expect(Self.owners([Self.owner(.sent, 5), foreign]) == [Self.owner(.sent, 5), foreign])
  }

  @Test func `more owners than are told apart are not kept`() {
    #expect(Self.owners((1...9).map { Self.owner(.sent, $0) }).count == SenderTable.mostOwners)
  }

  @Test func `an answer is new until something more is known`() {
    var table = SenderTable()
    #expect(!table.answer(Self.flow).isNew)
    table.note(SenderEvent(flow: Self.flow, owner: Self.owner(.listed, 5)))
    #expect(table.answer(Self.flow).isNew && !table.answer(Self.flow).isNew)
    table.note(SenderEvent(flow: Self.flow, owner: Self.owner(.listed, 5)))
    #expect(!table.answer(Self.flow).isNew)
    table.note(SenderEvent(flow: Self.flow, owner: Self.owner(.sent, 5)))
    #expect(table.answer(Self.flow).isNew)
  }

  /// Against a list that is searched from its end.
  @Test func `random events give what a slow table gives, in bounded memory`() {
    var random = SeededGenerator()
    print("seed \(random.seed) of the table of senders")
    let limit = 8
    for _ in 0..<rounds(400, few: 40) {
      var table = SenderTable(limit: limit)
      var slow: [(flow: SenderFlow, owners: [SocketOwner])] = []
      for _ in 0..<200 {
        var flow = Self.flow
        flow.sourcePort = UInt16.random(in: 0..<16, using: &random)
        let owner = Self.owner(.sent, UInt32.random(in: 1...3, using: &random))
        table.note(SenderEvent(flow: flow, owner: owner))
        let known = slow.first { $0.flow == flow }?.owners ?? []
        slow.removeAll { $0.flow == flow }
        slow.append((flow, known.contains(owner) ? known : known + [owner]))
        if slow.count > limit { slow.removeFirst() }
        #expect(table.count == slow.count, "seed \(random.seed)")
        for port in UInt16(0)..<16 {
          flow.sourcePort = port
          let expected = slow.first { $0.flow == flow }?.owners ?? []
          #expect(table.answer(flow).owners == expected, "seed \(random.seed)")
        }
      }
    }
  }
}
