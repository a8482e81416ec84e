import Policy
import PolicyFiles
import TextFiles

/// Judges the current rules: the exact answer for an image whose start nobody can read, as long as nobody changes them.
extension StackJudge {
  /// Judges a gateway's namespace.
  mutating func judge(_ running: RunningNamespace, of gateway: TunnelGateway) {
    let place = SourcePlace(running.name)
    for reason in running.allUnread { report.leaveOut(place, reason, "what it would show is not known") }
    do {
      let life = try Lifecycle(running, configs: gateway.configs.map(\.config))
      report.skipped += life.skipped
      var whole = life
      whole.hide(behind: report.skipped)
      judgeKillSwitch(whole, StateOpenings(whole), of: place, scripts: [], mayHaveIPv6: true)
      judgeForwarding(whole, routes: gateway.service.routes)
    } catch {
      report.unread.append(error)
    }
    // gluetun lets the container's own network out, asks nobody there for names, and drops earlier flows.
    if gateway.image == .gluetun {
      report.findings.removeAll { $0.fault == .lanDNSAccepted || $0.fault == .establishedAccepted }
    }
    report.files += running.saved.filter { !$0.text.isEmpty }.map { running.place($0.program) }
    if report.skipped.isEmpty, report.findings.isEmpty, report.unread.isEmpty {
      report.problems.append(
        PolicyFileProblem(file: running.name, message: "the rules that are there now let nothing past the tunnel"))
    }
  }
}

extension Lifecycle {
  /// A namespace as it is now: its rules stand for every state.
  fileprivate init(_ running: RunningNamespace, configs: [WireGuardConfig]) throws(PolicyFileProblem) {
    var host = ScriptHost(NetworkNamespace(), configs: [])
    running.load(into: &host)
    let networks = running.networks
    host.onlyNetwork = networks.count == 1 ? networks[0] : nil
    let tunnels = try running.tunnels(configs)
    for (config, isKnown) in tunnels {
      if !isKnown {
        host.leaveOut(line: 1, text: config.interfaceName, because: "where this tunnel's own packets go is not known")
      }
      host.namespace.tunnels.append(
        .init(interface: config.interfaceName, config: config, mark: config.firewallMark?.value ?? 0))
    }
    self.init(now: host, networks: networks, order: tunnels.map(\.config))
  }
}
