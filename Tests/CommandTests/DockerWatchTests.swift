import Foundation
import TestNeeds
import TestSupport
import Testing

/// `leakaudit watch` beside real containers: whose leak it was, by name.
@Suite(.serialized, .needs(.root, .lab, .docker, .minutes)) struct DockerWatchTests {
  private static let scenarios = ScenarioTests.scenarios.map(\.name)
  private static let names = "wireguard+qbittorrent"

  /// All in one run: the engine starts once.
  @Test func `names the containers and applies their rules`() throws {
    let directory = try TemporaryDirectory()
    let cases =
      Self.scenarios + [
        "bypass", "compose", "container", "provider", "second-network", "bridge-recreated", "discovered",
        "senders", "engine-restarted",
      ]
    let arguments = ["--docker", Command.binary.path, directory.url.path] + cases
    try Lab.run("watch", arguments, limit: .seconds(900))
    for scenario in ScenarioTests.scenarios {
      let watched = try Watched(scenario.name, in: directory)
      try watched.expect(scenario, origin: Self.names)
      let events = try watched.summary().timeline.filter { $0.kind == "container" }.map(\.text)
      #expect(events.contains("container wireguard: start"))
    }
    try expectBypass(Watched("bypass", in: directory))
    try expectCompose(Watched("compose", in: directory), in: directory)
    try expectContainer(Watched("container", in: directory), in: directory)
    try expectProvider(Watched("provider", in: directory), in: directory)
    try expectNetworks(Watched("second-network", in: directory))
    try expectRecreated(Watched("bridge-recreated", in: directory))
    try expectDiscovered(Watched("discovered", in: directory))
    try expectSenders(Watched("senders", in: directory))
    try expectRestarted(Watched("engine-restarted", in: directory))
  }

  /// A container that is outside the tunnel on purpose: allowed on the bridge and behind NAT.
  private func expectBypass(_ watched: Watched) throws {
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 0, "\(watched.log)")
    #expect(summary.leak == 0)
    #expect(summary.allowedBy.map(\.name) == ["ntfy", "control"])
    let control = try #require(summary.allowedBy.last).frames
    let allowed = summary.interfaces.map { $0.allowed - ($0.name == "eth0" ? control : 0) }
    #expect(allowed.allSatisfy { $0 > 0 && $0 == allowed[0] })
  }

  /// The compose file alone shows the tunnel, the stack's bridge and its containers.
  private func expectCompose(_ watched: Watched, in directory: TemporaryDirectory) throws {
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 0, "\(watched.log)")
    #expect(summary.tunnel > 0)
    #expect(summary.leaks.allSatisfy { $0.origin == "host" }, "\(summary.leaks)")
    #expect(summary.allowedBy.map(\.name) == ["ntfy", "control"])
    #expect(Set(summary.interfaces.map(\.name)) == ["br-stack", "eth0"])
    let understood = try String(contentsOf: directory.url.appending(path: "compose.understood.txt"), encoding: .utf8)
    #expect(understood.contains("wireguard+qbittorrent at 172.18.0.2, "))
    #expect(understood.contains("br-stack is the bridge"))
  }

  /// Without a file, the engine provides what the files would.
  private func expectContainer(_ watched: Watched, in directory: TemporaryDirectory) throws {
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(summary.tunnel > 0)
    #expect(Set(summary.leaks.map(\.origin)) == ["ntfy"], "\(summary.leaks)")
    #expect(Set(summary.interfaces.map(\.name)) == ["br-stack", "eth0"])
    func text(_ ending: String) throws -> String {
      try String(contentsOf: directory.url.appending(path: "container.\(ending)"), encoding: .utf8)
    }
    // The statements without their origins.
    func statements(_ ending: String) throws -> [String] {
      try text(ending).split(separator: "\n").map { line in
        String(line.split(separator: "  (").first ?? "")
      }
    }
    #expect(try statements("understood.txt") == statements("compose.txt"))
    #expect(try text("found.txt") == text("understood.txt"))
    #expect(try text("found.log").contains("docker inspect wireguard: no policy is given"))
    let nobody = try text("nobody.log")
    #expect(nobody.contains("'nobody': Docker's engine has no such container; it has ntfy, qbittorrent, wireguard\n66"))
    func findings(_ ending: String) throws -> [String] {
      let document = try JSONSerialization.jsonObject(with: Data(text(ending).utf8)) as? [String: Any]
      return try #require(document?["findings"] as? [[String: Any]]).compactMap { $0["message"] as? String }
    }
    #expect(try findings("check.json") == findings("compose-check.json"))
    #expect(try text("asked.txt").contains("203.0.113.178:51820  (wg show in the container wireguard)\n"))
    let closed = try text("check.json")
    #expect(closed.contains("the container wireguard: the rules that are there now let nothing past the tunnel"))
    let opened = try text("opened.txt")
    let words = opened.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("iptables-nft-save of the container wireguard:"))
    #expect(words.contains("'-A OUTPUT -p udp -m udp --dport 123 -j ACCEPT' lets out UDP to anywhere, port 123"))
    #expect(opened.hasPrefix("FAULTS: 2 findings (2 medium).") && opened.hasSuffix("\n1\n"))
  }

  /// A provider's name, and its list of servers in a volume: both of the tunnel's servers are known, and only packets
  /// that bypass them leak.
  private func expectProvider(_ watched: Watched, in directory: TemporaryDirectory) throws {
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 1, "\(watched.log)")
    #expect(summary.incomplete.isEmpty, "\(summary.incomplete)")
    let leaks = summary.leaks.filter { $0.origin != "host" }
    #expect(Set(leaks.map(\.origin)) == ["ntfy", Self.names], "\(summary.leaks)")
    #expect(summary.leaks("http") > 0 && summary.leaks("wireguard-other") == 0)
    // gluetun's firewall held, except for the user's rule: three datagrams, each seen on the bridge and on the NIC.
    let own = leaks.filter { $0.origin == Self.names }
    #expect(own.reduce(0) { $0 + $1.frames } == 6, "\(own)")
    let servers = ["203.0.113.178:51820", "203.0.113.179:51820"]
    #expect(summary.tunnelStates.map(\.endpoint) == servers)
    #expect(summary.tunnelStates.map(\.grade) == ["peer-verified", "peer-verified"])
    #expect(summary.tunnelStates.allSatisfy { $0.origin.hasPrefix("gluetun's list of servers, ") })
    let changes = summary.timeline.filter { $0.text.hasPrefix("the tunnel's server changed") }.map(\.text)
    #expect(changes == ["the tunnel's server changed from \(servers[0]) to \(servers[1])"])
    #expect(watched.log.contains("gluetun's list of servers: 2 of 3 of mullvad, port 51820, as of 2025-12-31"))
    let understood = try String(contentsOf: directory.url.appending(path: "provider.understood.txt"), encoding: .utf8)
    #expect(understood.contains("2 of 3 of mullvad, port 51820"))
  }

  /// Every network with a container of the project is audited; others are not.
  private func expectNetworks(_ watched: Watched) throws {
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(watched.status == 1, "\(watched.log)")
    #expect(Set(summary.interfaces.map(\.name)) == ["br-stack", "br-early", "br-late", "br-fresh", "eth0"])
    let origins = Set(summary.leaks.filter { $0.reason == "http" }.compactMap(\.origin))
    #expect(origins.isSuperset(of: ["first", "second", "third"]), "\(origins)")
    #expect(!origins.contains("stranger"))
    try watched.expectEachFrameOnce()
    let late = summary.incomplete.filter { $0.contains("before it was audited") }
    #expect(late.count == 1 && late[0].contains("br-late"), "\(late)")
  }

  private func expectRecreated(_ watched: Watched) throws {
    let summary = try watched.summary()
    #expect(Set(summary.leaks.flatMap(\.questions)) == ["first.example A", "second.example A"])
    #expect(summary.leaks.allSatisfy { $0.origin == Self.names })
    #expect(summary.incomplete.contains { $0.hasPrefix("br-stack vanished") })
  }

  /// What a new user sees who follows README and names no interface.
  private func expectDiscovered(_ watched: Watched) throws {
    #expect(watched.log.contains("any bridge that carries traffic"))
    let alert = try #require(try watched.alerts().first { $0.alert.reason == "dns" })
    #expect(alert.alert.origin == Self.names)
    #expect(alert.alert.questions == ["am.i.mullvad.example A"])
    #expect(alert.alert.fate == "escaped")
    #expect(alert.read - alert.alert.packetTime < 1)
    #expect(Set(try watched.summary().interfaces.map(\.name)) == ["br-stack", "eth0"])
  }

  /// Two containers in one namespace are told apart, by what the kernel says of the processes.
  private func expectSenders(_ watched: Watched) throws {
    #expect(!watched.log.contains("processes that send are not named"), "\(watched.log)")
    let alerts = try watched.alerts().map(\.alert).filter { $0.kind != "repeated" }
    func senders(_ question: String) throws -> [String] {
      let alert = try #require(alerts.first { $0.questions == [question] }, "\(question)")
      #expect(alert.origin == Self.names)
      return (alert.sentBy ?? []).map { "\($0.container ?? "") \($0.program ?? "") \($0.certainty)" }
    }
    // One-shot questions: the sockets are closed at once, or when the process ends.
    let (first, second) = (try senders("am.i.mullvad.example A"), try senders("other.example A"))
    #expect(first == ["qbittorrent dig sent"])
    #expect(second == ["wireguard dig sent"])
    let summary = try watched.summary()
    func listed(port: UInt16? = nil, rule: String? = nil) throws -> [Summary.Leak.Sender] {
      let leak = summary.leaks.first {
        $0.interface == "br-stack" && $0.port == port && (rule == nil || $0.rule == rule)
      }
      return try #require(leak, "port \(port ?? 0), rule \(rule ?? "")").sentBy ?? []
    }
    let both = try listed(port: 53)
    #expect(both.map(\.container) == ["qbittorrent", "wireguard"])
    let ping = try listed(rule: "icmp.query")
    #expect(ping.map { "\($0.program ?? "") \($0.certainty)" } == ["ping sent"])
    // The machine's number of a process in a container is another one than the container's.
    #expect(ping.allSatisfy { ($0.process ?? 0) > 0 && ($0.processInContainer ?? 0) > 0 })
    // It had ended before its packet left: the socket still tells the container.
    let late = try listed(port: 4321)
    #expect(late.map(\.container) == ["qbittorrent"] && late.map(\.certainty) == ["unknown"])
    let hostile = try listed(port: 4322)
    #expect(hostile.map(\.program) == [#"\u{1b}[2J\u{202e}evil"#])
    #expect(summary.leaks.filter { $0.interface == "eth0" }.allSatisfy { $0.sentBy == nil })
  }

  /// The engine and its containers end and come back: the audit continues, and reports it.
  private func expectRestarted(_ watched: Watched) throws {
    let summary = try watched.summary()
    let events = summary.timeline.filter { $0.kind == "docker" }.map(\.text)
    #expect(events.contains { $0.hasPrefix("Docker's engine is lost") })
    #expect(events.last == "Docker's engine is back")
    #expect(summary.notices.contains { $0.kind == "containers" })
    let asked = Set(summary.leaks.filter { $0.origin == Self.names }.flatMap(\.questions))
    #expect(asked == ["first.example A", "second.example A"])
    let processes = try watched.processes()
    #expect(processes.map { $0["Command"] } == ["watch", "docker-feed", "docker-connect"])
    #expect(try watched.processes(".before") == processes, "the same ones before the restart and after it")
    for process in processes.prefix(2) {
      #expect(process["Uid"]?.split(separator: "\t").contains("0") == false, "\(process)")
      #expect(process["Gid"]?.split(separator: "\t").contains("0") == false, "\(process)")
    }
    for process in processes {
      #expect(process["NoNewPrivs"] == "1", "\(process)")
      // Other processes must not see the watch's arguments.
      let variables = Set(process["Variables"]?.split(separator: " ").map(String.init) ?? [])
      let kept: Set = ["DOCKER_HOST", "LD_LIBRARY_PATH", "LANG", "PATH", "TZ"]
      #expect(variables.contains("DOCKER_HOST") && variables.isSubset(of: kept) == (process["Command"] != "watch"))
      // CAP_DAC_OVERRIDE is the second bit.
      let most: UInt64 = process["Command"] == "docker-connect" ? 2 : 0
      for name in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        let held = try #require(process[name].flatMap { UInt64($0, radix: 16) })
        #expect(held & ~most == 0, "\(name) of \(process)")
      }
    }
  }
}
