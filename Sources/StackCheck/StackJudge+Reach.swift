import ComposeFiles
import Policy
import PolicyFiles
import TextFiles

/// Who can reach the tunnel's network namespace, or the files that make it, from another container.
extension StackJudge {
  /// A service outside of the kill switch gains nothing by this, so one line informs about it. A service inside can
  /// undo the kill switch.
  mutating func judgeReach(_ stack: VPNStack, allowed: Set<String>) {
    var groups = ServiceGroups()
    let consumers = Set(stack.consumers.map(\.service.name))
    let gateways = Set(stack.gateways.map(\.service.name))
    for service in stack.project.services where !gateways.contains(service.name) {
      let isInside = consumers.contains(service.name)
      // The auditor itself sees what the engine sees.
      guard isInside || !stack.isAllowed(service, allowed) else { continue }
      if isInside { passOverPowers(of: service) }
      var isReported = false
      for power in service.powers {
        let fault: StackFault = power.kind == .engine ? .engineReachable : .machineReachable
        // NET_ADMIN comes with these, and is reported already.
        if isInside, ["privileged", "cap_add: ALL"].contains(power.text) { continue }
        groups.add(fault, isInside ? power.severity : .info, service, power.place, power.text)
        isReported = true
        break
      }
      guard isInside || !isReported else { continue }
      for gateway in stack.gateways {
        guard let mount = sharedMount(service, gateway) else { continue }
        groups.add(
          .gatewayFilesWritable, isInside ? mount.severity : .info, service, mount.place, mount.what)
      }
    }
    groups.tell(.engineReachable, &self) { "\($0.text) can control the engine (\($0.details))" }
    groups.tell(.machineReachable, &self) {
      "\($0.text) \($0.areSeveral ? "have" : "has") power over the machine (\($0.details))"
    }
    groups.tell(.gatewayFilesWritable, &self) { "\($0.text) can write \($0.details)" }
  }

  /// Records what may give a consumer powers and is not examined.
  private mutating func passOverPowers(of service: ComposeService) {
    for other in service.mountsOf {
      report.skipped.append(
        SkippedCommand(
          place: other.place, text: "volumes_from: \(other.value)",
          reason:
            "the mounts that '\(service.name)' gets from this (an engine's socket, or the gateway's files) are not checked"
        )
      )
    }
    for key in service.unreadKeys where key.concern == .anyone {
      report.skipped.append(SkippedCommand(place: key.place, text: "\(service.name): \(key.name)", reason: key.reason))
    }
    for hook in service.hooks {
      report.skipped.append(
        SkippedCommand(
          place: hook.place, text: hook.value,
          reason: "it is not checked whether '\(service.name)' runs it with privileges in the tunnel's namespace"))
    }
  }

  private struct SharedMount {
    /// The gateway's file or folder that can be written.
    var what: String
    var place: SourcePlace
    var severity: Severity
  }

  /// A mount through which the service may write what the gateway runs or reads.
  private func sharedMount(_ service: ComposeService, _ gateway: TunnelGateway) -> SharedMount? {
    let owner = "'\(gateway.service.name)'"
    for mount in service.mounts where !mount.isReadOnly {
      for other in gateway.service.mounts {
        guard let target = other.path(sharedWith: mount), gateway.isDecided(by: target) else { continue }
        return SharedMount(what: "\(target) of \(owner)", place: mount.place, severity: .high)
      }
      guard case .bind(let path) = mount.kind else { continue }
      let folder = TextFile.resolved(path)
      // Files that scripts run or load from elsewhere, and the project's own files, which Compose reads the next time.
      guard let file = report.files.first(where: { TextFile.isInside(TextFile.resolved($0), of: folder) }) else {
        continue
      }
      return SharedMount(
        what: "\(file), which decides what \(owner) is", place: mount.place, severity: .medium)
    }
    return nil
  }
}

extension ComposeService.Mount {
  /// The path in this mount's container at which the files of another mount appear; nil if they share none.
  fileprivate func path(sharedWith other: Self) -> String? {
    switch (kind, other.kind) {
    case (.volume(let own?), .volume(let others?)): return own == others ? target : nil
    case (.bind(let own), .bind(let others)):
      let (own, others) = (TextFile.resolved(own), TextFile.resolved(others))
      if TextFile.isInside(own, of: others) { return target }
      guard TextFile.isInside(others, of: own) else { return nil }
      return (target == "/" ? "" : target) + "/" + others.dropFirst(own == "/" ? 1 : own.count + 1)
    default: return nil
    }
  }
}

extension VPNStack {
  /// Whether a policy lets a service be outside, or the service is the auditor, which has to be.
  func isAllowed(_ service: ComposeService, _ allowed: Set<String>) -> Bool {
    !allowed.isDisjoint(with: [service.name, containerName(service)]) || service.imageName.contains("leakaudit")
  }
}
