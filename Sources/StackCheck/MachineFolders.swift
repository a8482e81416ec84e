import Policy
import TextFiles

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
