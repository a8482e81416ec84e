import Audit
import Testing

@testable import Watching
@testable import Who

/// What the kernel tells of a flow, joined with the containers that are known.
@Suite struct LeakSendersTests {
  private static let id = String(repeating: "0123456789abcdef", count: 4)
  private static let names = ["0123456789ab": "qbittorrent"]

  private static func owner(
    _ container: String?, in namespace: UInt32, _ certainty: Certainty = .sent, process: UInt32? = 812
  ) -> SocketOwner {
    SocketOwner(
      certainty: certainty, namespace: namespace, container: container,
      process: process.map { .init(number: $0, innerNumber: 7, started: 1, program: "curl") })
  }

  private static func senders(_ owners: [SocketOwner], of names: [String] = ["wireguard", "qbittorrent"])
    -> [LeakSender]
  { LeakSenders.senders(owners, of: .containers(names), Self.names) }

  @Test func `a container has its name, and one that the engine does not know its id`() {
    let known = Self.senders([Self.owner(Self.id, in: 1)])
    #expect(
      known == [LeakSender(.sent, container: "qbittorrent", program: "curl", process: 812, innerProcess: 7)])
    let unknown = Self.senders([Self.owner(String(Self.id.reversed()), in: 1, .unknown, process: nil)])
    #expect(unknown == [LeakSender(.unknown, container: "fedcba987654")])
  }

  @Test func `a process of another network with the same address is not named beside the container's`() {
    let foreign = Self.owner(nil, in: 2)
    #expect(Self.senders([foreign, Self.owner(Self.id, in: 1)]).map(\.container) == ["qbittorrent"])
    // The engine's own process in the container's namespace is.
    #expect(
      Self.senders([Self.owner(nil, in: 1), Self.owner(Self.id, in: 1)]).map(\.container) == [nil, "qbittorrent"])
    // If none is the origin's, nobody knows which it was.
    #expect(Self.senders([foreign, Self.owner(Self.id, in: 1)], of: ["ntfy"]).count == 2)
    #expect(LeakSenders.senders([foreign, Self.owner(Self.id, in: 1)], of: .bridge, Self.names).count == 2)
  }

  @Test func `how sure it is stays`() {
    let words: [Certainty: LeakSender.Certainty] = [
      .sent: .sent, .used: .used, .listed: .listed, .kernel: .kernel, .unknown: .unknown,
    ]
    for certainty in Certainty.allCases {
      #expect(Self.senders([Self.owner(Self.id, in: 1, certainty)]).map(\.certainty) == [words[certainty]])
    }
  }
}
