import Foundation
import TestNeeds
import TestSupport
import Testing

/// `leakaudit watch` beside the real stack in network namespaces: real WireGuard, iptables and NAT, tcpdump beside it.
///
/// Limitations: one container, without Docker; names, and what only containers can show, are in `DockerWatchTests`.
@Suite(.serialized, .needs(.root, .lab, .tshark, .minutes)) struct WatchTests {
  private static func watch(_ cases: [String]) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let arguments = [Command.binary.path, directory.url.path] + cases
    try Lab.run("watch", arguments, limit: .seconds(120))
    return directory
  }

  @Test(arguments: ScenarioTests.scenarios)
  func `sees what tcpdump sees, and reports it while it happens`(_ scenario: ScenarioTests.Scenario) throws {
    let directory = try Self.watch([scenario.name])
    let watched = try Watched(scenario.name, in: directory)
    try watched.expect(scenario, origin: "bridge")
  }

  @Test func `a leak that the host's firewall stops was only attempted`() throws {
    let directory = try Self.watch(["attempted"])
    let watched = try Watched("attempted", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 1)
    #expect(summary.leaks.map(\.fate) == ["attempted"])
    #expect(summary.leaks.map(\.interface) == ["br-stack"])
    #expect(try watched.alerts().map(\.alert.fate) == ["attempted"])
  }

  @Test func `the host's own traffic is separate, and the audit stays clean`() throws {
    let directory = try Self.watch(["host-talks"])
    let watched = try Watched("host-talks", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 0, "\(watched.log)")
    #expect(summary.leaks("dns") == 1)
    #expect(summary.leaks("icmp") == 2)
    #expect(summary.leaks.allSatisfy { $0.origin == "host" })
    #expect(try watched.alerts().isEmpty)
  }

  @Test func `notices appear while they happen and fail nothing`() throws {
    let directory = try Self.watch(["link-facts"])
    let watched = try Watched("link-facts", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 0, "\(watched.log)")
    let kinds: Set = ["dhcp-option-121", "arp-for-public"]
    #expect(Set(summary.notices.filter { $0.count == 1 }.map(\.kind)) == kinds)
    let told = try watched.notices()
    #expect(Set(told.map(\.kind)) == kinds)
    #expect(told.allSatisfy { $0.severity == "info" })
    #expect(try watched.alerts().isEmpty)
  }

  /// A copy is the container's own packet: it does not count as the watch's frame, and does not make the watch
  /// incomplete.
  @Test func `a container that copies control frames is reported and hides nothing`() throws {
    let directory = try Self.watch(["control-copied"])
    let watched = try Watched("control-copied", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    let copies = try String(contentsOfFile: directory.path("control-copied.copies"), encoding: .utf8)
      .split(separator: "\n").filter { $0.hasPrefix("sent ") }.count
    #expect(copies >= 6)
    #expect(watched.status == 1, "\(watched.log)")
    #expect(summary.controlFrames.map(\.verdict) == ["ingress", "leak"])
    #expect(summary.incomplete.isEmpty, "\(summary.incomplete)")
    let bridge = try #require(summary.interfaces.first { $0.name == "br-stack" })
    #expect(bridge.leak == copies)
    #expect(try watched.alerts().contains { $0.alert.destination == "192.0.2.2" })
  }

  @Test func `a tunnel that is already up causes no alert, and --endpoint is suggested`() throws {
    let directory = try Self.watch(["running"])
    let watched = try Watched("running", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 3, "\(watched.log)")
    #expect(summary.leak == 0 && summary.tunnel > 0, "\(summary.leaks)")
    #expect(
      summary.remedies?.map(\.action) == ["it is probably yours: then state --endpoint 203.0.113.178:51820"])
    #expect(try watched.alerts().isEmpty)
  }

  @Test func `leaks before the tunnel is up fall into the start-up window`() throws {
    let directory = try Self.watch(["startup-window"])
    let watched = try Watched("startup-window", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 1)
    #expect(summary.leakWindows.beforeHandshake.frames == 2)
    #expect(summary.leakWindows.whileUp.frames + summary.leakWindows.afterLast.frames == 0)
    #expect(summary.tunnelStates.map(\.grade) == ["peer-verified"])
    #expect(try watched.alerts().map(\.alert.tunnelState) == ["before-handshake"])
  }

  @Test func `leaks between two handshakes of a restarted tunnel fall into that window`() throws {
    let directory = try Self.watch(["tunnel-restart"])
    let watched = try Watched("tunnel-restart", in: directory)
    let summary = try watched.summary()
    #expect(summary.timeline.filter { $0.kind == "tunnel" }.count == 2)
    #expect(summary.leakWindows.beforeNewHandshake.frames == 2)
    #expect(summary.leakWindows.beforeHandshake.frames + summary.leakWindows.whileUp.frames == 0)
    #expect(summary.tunnelStates.map(\.grade) == ["peer-verified"])
    #expect(summary.interfaces.allSatisfy { $0.missedMessages == 0 })
    let metrics = try String(contentsOfFile: directory.path("tunnel-restart.prom"), encoding: .utf8)
    func value(_ name: String) -> Double? {
      metrics.split(separator: "\n").first { $0.hasPrefix("leakaudit_\(name){") }?.split(separator: " ").last.flatMap {
        Double($0)
      }
    }
    #expect(value("tunnel_up") == 1)
    let first = try #require(value("tunnel_first_handshake_timestamp_seconds"))
    let last = try #require(value("tunnel_last_handshake_timestamp_seconds"))
    #expect(last > first && last < Date.now.timeIntervalSince1970 && first > Date.now.timeIntervalSince1970 - 120)
  }

  @Test(.needs(.chromium, .axe))
  func `the page shows a leak within a second, keeps the reader's choices, and says when it is not live`() throws {
    let directory = try Self.watch(["page"])
    func file(_ name: String) throws -> String {
      try String(contentsOfFile: directory.path("page/\(name)"), encoding: .utf8)
    }
    let status = try file("status")
    let log = try file("log")
    #expect(status == "0\n", "\(log)")
    #expect(try Watched("page", in: directory).status == 1)
  }

  @Test func `a recreated bridge is watched again, and the gap is reported`() throws {
    let directory = try Self.watch(["bridge-recreated"])
    let watched = try Watched("bridge-recreated", in: directory)
    let summary = try watched.summary()
    summary.expectToAddUp()
    let asked = Set(summary.leaks.filter { $0.interface == "br-stack" }.flatMap(\.questions))
    #expect(asked == ["first.example A", "second.example A"])
    #expect(summary.incomplete.contains { $0.hasPrefix("br-stack vanished") })
    #expect(summary.timeline.map(\.text).filter { $0.hasPrefix("br-stack") }.count == 2)
    // Alerts report it when it happens, not only the summary.
    let told = try watched.notices().filter { ["blind", "seeing"].contains($0.kind) }
    #expect(told.map(\.kind) == ["blind", "seeing"])
    #expect(told.map(\.severity) == ["high", "low"])
    #expect(told.first?.text.hasPrefix("br-stack is gone since ") == true)
  }

  @Test func `IPv6 past a tunnel that is down is seen on the bridge`() throws {
    let directory = try Self.watch(["ipv6"])
    let watched = try Watched("ipv6", in: directory)
    let summary = try watched.summary()
    #expect(summary.leaks.map(\.family) == ["ipv6"])
    #expect(summary.leaks.map(\.frames) == [2])
    #expect(summary.leaks.map(\.fate) == ["attempted"])
  }
}

extension Watched {
  /// What must be true of a scenario that was watched from before its start.
  func expect(_ scenario: ScenarioTests.Scenario, origin: String) throws {
    let summary = try summary()
    summary.expectToAddUp()
    #expect(status == scenario.status, "\(name): \(log) \(summary.incomplete)")
    for (view, interface, role) in [("bridge", "br-stack", "bridge"), ("nic", "eth0", "nic")] {
      let replay = try replay(view, role: role)
      let live = try #require(summary.interfaces.first { $0.name == interface })
      #expect(live.tunnel == replay.tunnel, "\(name) on the \(view)")
      #expect(live.leak == replay.leak, "\(name) on the \(view)")
      #expect(live.leak == scenario.dns + scenario.icmp, "\(name) on the \(view)")
      #expect(live.missedMessages == 0)
    }
    #expect(summary.capture?.droppedByKernel == 0)
    #expect(summary.controlFrames.map(\.verdict) == ["ingress", "leak"])
    #expect(summary.leaks.allSatisfy { $0.origin == origin && $0.fate == "escaped" })
    #expect(summary.tunnelStates.map(\.grade) == [scenario.hasTunnel ? "peer-verified" : nil])
    let window = scenario.hasTunnel ? summary.leakWindows.afterLast : summary.leakWindows.beforeHandshake
    #expect(window.frames == summary.leak)

    let alerts = try alerts()
    let told = Set(alerts.map(\.alert.reason))
    #expect(told == Set([scenario.dns > 0 ? "dns" : nil, scenario.icmp > 0 ? "icmp" : nil].compactMap(\.self)))
    for (alert, read) in alerts where alert.kind == "leak" {
      #expect(read - alert.packetTime < 1, "\(name): told \(read - alert.packetTime) s after the packet")
      #expect(alert.origin == origin)
    }
    #expect(alerts.reduce(0) { $0 + $1.alert.frames } == summary.leak, "every leak is in one alert")
    try expectEvidence(summary)
  }

  /// Evidence holds every leaking frame, says why, and gives the same verdicts.
  private func expectEvidence(_ summary: Summary) throws {
    let file = try #require(try evidence())
    let replay = try Command.run([
      "replay", file, "--wg-config", directory.path("\(name).wg0.conf"), "--format", "json", "--role",
      "br-stack=bridge",
      "--role", "eth0=nic", "--scope", "all",
    ]).summary()
    #expect(replay.leak == summary.leak)
    #expect(Set(replay.leaks.map(\.reason)) == Set(summary.leaks.map(\.reason)))
    let shown = try Command.shell("tshark -n -r '\(file)' -T fields -e frame.comment 2>/dev/null").outputLines
    #expect(shown.filter { $0.hasPrefix("leakaudit: leak ") }.count == summary.leak)
  }
}
