import Foundation
import TestNeeds
import TestSupport
import Testing

/// Examples/stack as a reader runs it: docker-compose, real containers, and `leakaudit watch` as one of its services.
@Suite(.serialized) struct ExampleStackTests {
  /// What Tests/Lab/example counted with tcpdump, in one case.
  private struct Count: Equatable {
    var dns = 0
    var icmp = 0
    var other = 0
  }

  private struct Run {
    let name, stack: String
    let bridge, nic: Count
    let tunnel, page: String
    let summary: Summary
    let status: Int32

    init(_ line: Substring, in directory: TemporaryDirectory) throws {
      let words = line.split(separator: " ").map(String.init)
      try #require(words.count == 12, "\(line)")
      func number(_ index: Int, _ name: String) throws -> Int {
        let parts = words[index].split(separator: "=")
        try #require(parts.count == 2 && parts[0] == name, "\(line)")
        return try #require(Int(parts[1]), "\(line)")
      }
      func count(_ index: Int) throws -> Count {
        Count(
          dns: try number(index, "dns"), icmp: try number(index + 1, "icmp"), other: try number(index + 2, "other"))
      }
      (name, stack) = (words[0], words[1])
      (bridge, nic) = (try count(3), try count(7))
      (tunnel, page) = (words[10], words[11])
      let path = directory.path("\(name).\(stack)")
      let output = try String(contentsOfFile: "\(path).summary.ndjson", encoding: .utf8)
      let log = try String(contentsOfFile: "\(path).log", encoding: .utf8)
      let last = try #require(output.split(separator: "\n").last, "\(log)")
      summary = try JSONDecoder().decode(Summary.self, from: Data(last.utf8))
      let text = try String(contentsOfFile: "\(path).status", encoding: .utf8)
      status = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
  }

  /// What the article's final start-up script lets out, in each view. After a restart it depends on timing.
  private static let article = [
    "healthy": Count(dns: 1), "down-with-predown": Count(dns: 1), "down-without-predown": Count(),
    "predown-alone": Count(dns: 2, icmp: 2), "malformed-postup": Count(dns: 1),
    "malformed-startup-script": Count(dns: 1), "rfc1918-accept": Count(dns: 5, icmp: 1),
    "docker-resolver": Count(dns: 3), "ipv6": Count(dns: 1), "older-flow": Count(),
  ]
  /// Cases in which the tunnel is never up.
  private static let withoutTunnel: Set = ["malformed-postup", "malformed-startup-script", "broken-ip6tables"]
  /// The provider's own rule comes first and also blocks the LAN while it exists.
  private static let pages = ["down-with-predown": "lan=no,yes", "down-without-predown": "lan=no,no"]

  /// All in one run: the engine starts once.
  @Test(.needs(.root, .lab, .docker, .minutes)) func `the example stack holds where the article's does not`() throws {
    let directory = try TemporaryDirectory()
    let arguments = [Command.binary.path, directory.url.path]
    let result = try Lab.run("example", arguments, limit: .seconds(1500))
    let runs = try result.outputLines.map { try Run($0, in: directory) }
    let mended = runs.filter { $0.stack == "mended" }
    #expect(
      Set(mended.map(\.name))
        == Set(Self.article.keys).union(["restart", "legacy-iptables", "without-ipv6", "broken-ip6tables"]))
    for run in mended { expectHeld(run) }
    let log = try String(contentsOfFile: directory.path("broken-ip6tables.mended.wireguard.log"), encoding: .utf8)
    #expect(log.contains("all interfaces go down"))
    let article = runs.filter { $0.stack == "article" }
    #expect(Set(article.map(\.name)) == Set(Self.article.keys).union(["restart"]))
    for run in article { expectLeaked(run) }
  }

  private func expectHeld(_ run: Run) {
    run.summary.expectToAddUp()
    #expect(run.bridge == Count(), "\(run.name)")
    #expect(run.nic == Count(), "\(run.name)")
    if run.name == "older-flow" {
      expectLeakedBefore(run)
    } else {
      #expect(run.status == 0, "\(run.name)")
      #expect(run.summary.conclusion == "clean", "\(run.name): \(run.summary.incomplete)")
      #expect(run.summary.leak == 0, "\(run.name)")
    }
    #expect((run.summary.tunnel > 0) == !Self.withoutTunnel.contains(run.name), "\(run.name)")
    #expect(run.tunnel == (Self.withoutTunnel.contains(run.name) ? "tunnel=-" : "tunnel=yes"), "\(run.name)")
    guard run.name != "broken-ip6tables" else { return }
    let usual = run.page.contains(",") ? "lan=yes,yes" : "lan=yes"
    #expect(run.page == Self.pages[run.name] ?? usual, "\(run.name)")
  }

  /// When the flow began, the audit was running and the kill switch was not there.
  private func expectLeakedBefore(_ run: Run) {
    #expect(run.status == 1)
    #expect(run.summary.leaks("icmp") > 0)
  }

  private func expectLeaked(_ run: Run) {
    run.summary.expectToAddUp()
    if run.name == "older-flow" {
      #expect(run.bridge == Count())
      #expect(run.nic == Count())
      return expectLeakedBefore(run)
    }
    let hasLeaked = run.bridge != Count()
    #expect(run.status == (hasLeaked ? 1 : 0), "\(run.name)")
    #expect(run.summary.conclusion == (hasLeaked ? "leaks" : "clean"), "\(run.name)")
    #expect(run.summary.leaks.allSatisfy { $0.fate == "escaped" }, "\(run.name)")
    #expect(run.nic == run.bridge, "\(run.name): what left the bridge did not leave the host")
    #expect(run.summary.leak == 2 * (run.bridge.dns + run.bridge.icmp + run.bridge.other), "\(run.name)")
    guard let count = Self.article[run.name] else {
      // Until the image runs the script, a second after its start, everything is open.
      #expect(run.name == "restart" && run.bridge.dns > 0 && run.bridge.icmp > 0)
      return
    }
    #expect(run.bridge == count, "\(run.name)")
    #expect(run.summary.leaks.allSatisfy { $0.origin == "wireguard+speedtest-tracker" }, "\(run.name)")
  }
}
