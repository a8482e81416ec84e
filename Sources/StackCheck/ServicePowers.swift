import ComposeFiles
import Policy
import TextFiles

extension ComposeService {
  /// The powers, strongest first.
  var powers: [ServicePower] {
    var found: [ServicePower] = []
    func add(_ kind: ServicePower.Kind, _ text: String, _ place: SourcePlace, _ severity: Severity = .high) {
      found.append(ServicePower(kind: kind, text: text, place: place, severity: severity))
    }
    if let stated = usesEngineSocket, stated.value { add(.engine, "use_api_socket", stated.place) }
    for mount in mounts {
      guard case .bind(let path) = mount.kind else { continue }
      // A socket behind a read-only mount still takes orders (mount(8), ro: files alone).
      if MachineFolders.holdEngine(path) || MachineFolders.isEngineSocket(mount.target) {
        add(.engine, path, mount.place)
      } else if !mount.isReadOnly, MachineFolders.decide(path) {
        add(.machine, path, mount.place)
      }
    }
    let all = addedCapabilities.first { $0.value == "ALL" }
    if let stated = isPrivileged, stated.value {
      add(.machine, "privileged", stated.place)
    } else if let all {
      add(.machine, "cap_add: ALL", all.place)
    }
    let hasMachinesProcesses = processes?.value == "host"
    for capability in addedCapabilities {
      switch capability.value {
      case "SYS_MODULE": add(.machine, "SYS_MODULE", capability.place)
      // Allows mounts and entering other namespaces. How far that leads depends on the machine's other limits.
      case "SYS_ADMIN": add(.machine, "SYS_ADMIN", capability.place, hasMachinesProcesses ? .high : .medium)
      case "SYS_PTRACE" where hasMachinesProcesses: add(.machine, "SYS_PTRACE", capability.place)
      // Opens any file of the machine by its number.
      case "DAC_READ_SEARCH": add(.machine, "DAC_READ_SEARCH", capability.place, .medium)
      default: break
      }
    }
    if hasMachinesProcesses, let processes { add(.machine, "pid: host", processes.place, .low) }
    return found.enumerated().sorted { left, right in
      left.element.severity != right.element.severity
        ? left.element.severity > right.element.severity : left.offset < right.offset
    }.map(\.element)
  }
}
