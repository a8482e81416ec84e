import ComposeFiles
import Policy
import TextFiles

/// What lets a program in a container reach beyond it, to the engine or to the machine. With such a power it can change
/// the rules of any network namespace.
struct ServicePower {
  enum Kind: Hashable { case engine, machine }

  var kind: Kind
  /// As a person names it.
  var text: String
  var place: SourcePlace
  /// How sure it is that this leads to the rules.
  var severity: Severity
}

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

/// Paths of the machine that lead to its engine, or decide what runs on it.
enum MachineFolders {
  /// Where engines listen (dockerd(8), podman-system-service(1), containerd and CRI-O).
  private static let sockets = [
    "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock",
  ]
  private static let names: Set<Substring> = [
    "balena-engine.sock", "containerd.sock", "crio.sock", "docker.sock", "docker.sock.raw", "podman.sock",
  ]

  static func isEngineSocket(_ path: String) -> Bool { path.split(separator: "/").last.map(names.contains) ?? false }

  /// Whether a path is an engine's socket, or a folder that holds one.
  static func holdEngine(_ path: String) -> Bool {
    let path = whole(path)
    if isEngineSocket(path) || sockets.contains(where: { TextFile.isInside($0, of: path) }) { return true }
    // The sockets of engines without root: /run/user/1000/podman/podman.sock.
    let parts = path.split(separator: "/")
    return parts.starts(with: ["run", "user"]) && (parts.count <= 3 || parts.count == 4 && parts[3] == "podman")
  }

  /// Folders that decide what the machine runs, and what the engine's containers are.
  private static let deciding = [
    "/bin", "/boot", "/etc", "/etc/cron.d", "/etc/docker", "/etc/systemd", "/lib", "/lib64", "/proc", "/root", "/sbin",
    "/sys", "/usr", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/sbin", "/var/lib/containers", "/var/lib/docker",
    "/var/lib/docker/volumes", "/var/spool/cron",
  ]

  /// Whether write access there decides what the machine runs.
  static func decide(_ path: String) -> Bool {
    let path = whole(path)
    return deciding.contains { TextFile.isInside($0, of: path) }
  }

  /// /var/run is a link to /run, even if the files are read on another machine.
  private static func whole(_ path: String) -> String {
    let path = TextFile.resolved(path)
    return TextFile.isInside(path, of: "/var/run") ? String(path.dropFirst(4)) : path
  }
}
