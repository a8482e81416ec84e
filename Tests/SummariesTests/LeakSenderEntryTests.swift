import Audit
import Foundation
import Testing

@testable import Summaries

/// Who sent a leak, in words and in JSON.
@Suite struct LeakSenderEntryTests {
  private static let senders = [
    LeakSender(.sent, container: "prowlarr", program: "curl", process: 9, innerProcess: 2),
    LeakSender(.used, container: "prowlarr", program: "curl", process: 812),
    LeakSender(.unknown, container: "qbittorrent"),
    LeakSender(.sent, program: "dockerd", process: 65),
  ].map(LeakSenderEntry.init)

  @Test func `processes are listed by container, in the order of their numbers`() {
    let sorted = Self.senders.shuffled().sorted(by: LeakSenderEntry.isBefore)
    #expect(
      LeakSenderEntry.sentences(sorted) == [
        "dockerd, pid 65", "prowlarr (curl, pid 9; curl, pid 812, from its socket)", "qbittorrent (an unknown process)",
      ])
  }

  @Test func `what is written is read again, and what is not known is left out`() throws {
    let written = try JSONEncoder().encode(Self.senders)
    #expect(try JSONDecoder().decode([LeakSenderEntry].self, from: written) == Self.senders)
    let unknown = try JSONEncoder().encode(LeakSenderEntry(LeakSender(.unknown)))
    #expect(String(decoding: unknown, as: UTF8.self) == #"{"certainty":"unknown"}"#)
  }
}
