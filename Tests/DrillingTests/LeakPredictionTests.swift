import ComposeFiles
import Foundation
import PolicyFiles
import StackCheck
import Summaries
import Testing
import TextFiles
import Wire

@testable import Drilling

/// Which findings a drill joins with a leak, by the times of its first and its last packet.
struct LeakPredictionTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "captures/malformed-postup.bridge.expected.json")

  /// A stack whose consumer is restarted by the engine.
  private static func prediction() throws -> LeakPrediction {
    let text = """
      services:
        vpn: {image: lscr.io/linuxserver/wireguard, cap_add: [NET_ADMIN], healthcheck: {test: ping -I wg0 10.64.0.1}}
        app: {image: a, network_mode: service:vpn, restart: always, depends_on: {vpn: {condition: service_healthy}}}
      """
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    let stack = VPNStack(project)
    return LeakPrediction(StackAudit.report(on: stack), endpointNames: [], strays: [])
  }

  @Test func `a restart's finding predicts what left before the new tunnel, and nothing that went on`() throws {
    let summary = try Summary(json: String(contentsOf: Self.file, encoding: .utf8))
    let leak = try #require(summary.countedLeaks.first { $0.first < $0.last })
    let (first, last) = (leak.first.nanoseconds, leak.last.nanoseconds)
    let scenario = try #require(Scenario.all.first { $0.id == "gateway-restarted" })
    let prediction = try Self.prediction()
    func isJoined(_ starts: [Range<Int64>]) -> Bool {
      prediction.findings(for: leak, nil, in: scenario, starts: starts).contains { $0.id == "restart-race" }
    }
    #expect(isJoined([first..<last + 1]))
    #expect(isJoined([first - 9..<first + 1, last..<last + 9]))
    #expect(!isJoined([first..<last]))
    #expect(!isJoined([first + 1..<last + 1]))
    #expect(!isJoined([]))
  }
}
