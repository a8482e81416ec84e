import ComposeFiles
import Policy
import PolicyFiles
import TextFiles
import Wire

/// What opens gluetun's firewall, which refuses by default.
extension StackJudge {
  mutating func judgeGluetun(_ gateway: TunnelGateway, _ stack: VPNStack, subnet: IPPrefix?, unread: [SkippedCommand]) {
    report.skipped += unread
    judgeNames(gateway, stack)
    if let off = gateway.disabledFirewall {
      let name = "FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT"
      return add(.noKillSwitch, .critical, at: off.place, "\(name)=\(off.value) turns gluetun's firewall off")
    }
    let letsEverythingOut = judgeSubnets(gateway)
    for program in GluetunFirewall.programs(gateway) {
      readMounts(gateway, program)
      judge(program, gateway, subnet: subnet, unread: unread, letsEverythingOut: letsEverythingOut)
    }
  }

  /// Judges the rules of one of the programs that may make them. `letsEverythingOut` says whether everything is let out, which is
  /// reported already.
  private mutating func judge(
    _ program: GluetunFirewall.Program, _ gateway: TunnelGateway, subnet: IPPrefix?, unread: [SkippedCommand],
    letsEverythingOut: Bool
  ) {
    var firewall = GluetunFirewall(gateway, subnet: subnet, program)
    firewall.life.hide(behind: unread)
    judgeHealthCheck(gateway, &firewall.life) { judge, life in
      judge.judgeKillSwitch(life, StateOpenings(life), of: gateway.service.place, scripts: [])
      judge.judgeForwarding(life, routes: gateway.service.routes ?? life.routesOthers)
    }
    report.files += firewall.files
    report.skipped += firewall.life.skipped.filter { passed in
      passed.place.file != GluetunFirewall.ownFile && !report.skipped.contains(passed)
    }
    var own = Self()
    let openings = StateOpenings(firewall.life)
    own.judgeKillSwitch(firewall.life, openings, of: gateway.service.place, scripts: firewall.files)
    own.judgeForwarding(firewall.life, routes: gateway.service.routes ?? firewall.life.routesOthers)
    report.skipped += own.report.skipped.filter { !report.skipped.contains($0) }
    for var finding in own.report.findings {
      if finding.place.file == GluetunFirewall.ownFile {
        // gluetun drops earlier flows (conntrack -F). Whoever opened anything else has to fix it.
        if finding.fault == .establishedAccepted { continue }
        finding.place = firewall.files.first.map { SourcePlace($0) } ?? gateway.service.place
      }
      // A line that opens what was closed is worse than a kill switch that is missing.
      if [.noKillSwitch, .rejectUnreachable].contains(finding.fault) { finding.severity = .critical }
      if let (name, _, stated) = gateway.outboundSubnets, finding.place == stated.place {
        // What a network of all addresses lets out is reported already.
        if letsEverythingOut || finding.fault == .tunnelResolverAccepted { continue }
        // gluetun's own resolver asks nobody there for names.
        if finding.fault == .lanDNSAccepted { finding.severity = .medium }
        let (rule, rest) = Self.quotedRule(finding.message)
        if !rule.isEmpty { finding.message = "\(name)=\(stated.value)\(rest)" }
      }
      // Both programs may let out the same.
      if report.findings.contains(where: { $0.fault == finding.fault && $0.place == finding.place }) { continue }
      report.findings.append(finding)
    }
  }

  /// The rule that a message begins with, and what follows it.
  private static func quotedRule(_ message: String) -> (rule: Substring, rest: Substring) {
    guard message.hasPrefix("'"), let end = message.dropFirst().firstIndex(of: "'") else { return ("", message[...]) }
    return (message[..<end], message[message.index(after: end)...])
  }

  /// Reports networks that bypass the tunnel although only the tunnel should carry them. Returns whether they hold
  /// everything.
  private mutating func judgeSubnets(_ gateway: TunnelGateway) -> Bool {
    guard let (name, prefixes, stated) = gateway.outboundSubnets else { return false }
    for whole in [IPPrefix("0.0.0.0/0")!, IPPrefix("2000::/3")!] where Self.covers(prefixes, whole) {
      add(
        .noKillSwitch, .critical, at: stated.place,
        "\(name)=\(stated.value) lets everything out, and routes it past the tunnel")
      return true
    }
    let inside =
      gateway.upstreamResolvers.map { ($0.value, "a resolver") }
      + gateway.configs.flatMap { $0.config.resolvers.map { ($0.value, "the tunnel's resolver") } }
      + gateway.configs.flatMap { $0.config.addresses.map { ($0.value.address, "the tunnel's own address") } }
    for prefix in prefixes {
      guard let (address, what) = inside.first(where: { prefix.contains($0.0) }) else { continue }
      add(
        .tunnelResolverRouted, .critical, at: stated.place,
        "\(name)=\(stated.value) routes \(prefix) past the tunnel. That includes \(address), \(what): queries to the provider's "
          + "services there (names, NAT-PMP) leave in clear")
    }
    return false
  }

  /// Reports who is asked for names outside of the tunnel.
  private mutating func judgeNames(_ gateway: TunnelGateway, _ stack: VPNStack) {
    if let kept = gateway.keptNameserver {
      add(
        .resolverOutside, .high, at: kept.place,
        "DNS_KEEP_NAMESERVER=\(kept.value) leaves names to the container's resolver, which is Docker's")
    }
    let networks = gateway.service.networks.compactMap { stack.project.network($0.network) }
    for resolver in gateway.upstreamResolvers {
      let address = resolver.value
      let other = stack.project.services.first { service in
        service.name != gateway.service.name
          && service.networks.contains { $0.ipv4Address?.value == address || $0.ipv6Address?.value == address }
      }
      if let other {
        add(
          .resolverOutside, .high, at: resolver.place,
          "names are looked up at \(address), which is the service '\(other.name)', outside the tunnel")
      } else if networks.contains(where: { $0.subnets.contains { $0.value.contains(address) } }) {
        add(
          .resolverOutside, .high, at: resolver.place,
          "names are looked up at \(address), which is on the container's own network, outside the tunnel")
      } else if Self.isDockers(address), networks.isEmpty || networks.contains(where: \.subnets.isEmpty) {
        add(
          .resolverOutside, .medium, at: resolver.place,
          "names are looked up at \(address): outside the tunnel, if Docker gives the network these addresses")
      }
    }
  }

  /// The pools from which Docker takes a network's addresses if nobody states them (docs.docker.com, dockerd,
  /// default-address-pools).
  private static func isDockers(_ address: IPAddress) -> Bool {
    IPPrefix("172.16.0.0/12")!.contains(address) || IPPrefix("192.168.0.0/16")!.contains(address)
  }

  /// Reports mounted files of rules that cannot be read here.
  private mutating func readMounts(_ gateway: TunnelGateway, _ program: GluetunFirewall.Program) {
    let file = program.postRules
    guard gateway.file(at: file) == nil else { return }
    for mount in gateway.service.mounts where mount.target == file || file.hasPrefix(mount.target + "/") {
      // If the mounted folder exists, the file is not in it.
      if mount.target != file, case .bind(let path) = mount.kind, TextFile.kind(of: path) == .directory { continue }
      report.unread.append(
        PolicyFileProblem(
          file: mount.place.file, line: mount.place.line,
          message: "\(file) cannot be read here, and gluetun runs what is in it"))
    }
  }
}
