import ComposeFiles
import PolicyFiles
import TextFiles

/// What a gateway runs besides its image's own start and the start-up scripts. Programs that nobody has read may make
/// rules, remove them, or keep the scripts from running at all.
struct GatewayStart {
  /// A shell text that replaces the image's first command and ends by running it.
  private(set) var script: TunnelGateway.StartupScript?
  private(set) var unread: [SkippedCommand] = []

  init(_ gateway: TunnelGateway) {
    let service = gateway.service
    if let stated = service.entrypoint {
      if let text = Self.shellText(stated.value) {
        let lines = String(repeating: "\n", count: max(0, (stated.place.line ?? 1) - 1))
        script = .init(path: stated.place.file, target: "", text: lines + text)
      } else {
        pass(stated, "entrypoint", "it runs instead of the image's own start-up, and is not read")
      }
    }
    if let stated = service.command { pass(stated, "command", "what it runs is not read") }
    for hook in service.hooks { pass(hook, nil, "what it runs is not read") }
    for name in Self.variables {
      guard let stated = service.environment[name], !stated.value.isEmpty else { continue }
      pass(stated, name, "it changes which programs run, and what they do")
    }
    for key in service.unreadKeys { pass(Located(key.name, at: key.place), nil, key.reason) }
    for other in service.mountsOf { pass(other, "volumes_from", "its mounts are not checked") }
    if case .host? = service.networkMode?.value, let place = service.networkMode?.place {
      pass(Located("host", at: place), "network_mode", "no file here shows which interfaces and rules the machine has")
    }
    for mount in service.mounts where Self.holdsPrograms(mount.target) {
      pass(Located(mount.target, at: mount.place), "volume", "it replaces the image's own programs")
    }
  }

  private mutating func pass(_ stated: Located<String>, _ name: String?, _ reason: String) {
    unread.append(
      SkippedCommand(place: stated.place, text: name.map { "\($0): \(stated.value)" } ?? stated.value, reason: reason))
  }

  /// The text for linuxserver's images (s6-overlay): the first command is /init, and a shell runs what comes before it.
  private static func shellText(_ entrypoint: String) -> String? {
    let words = entrypoint.split(separator: " ", maxSplits: 2)
    guard words.count == 3, ["sh", "bash", "ash", "dash"].contains(words[0].split(separator: "/").last ?? ""),
      words[1] == "-c"
    else { return nil }
    for ending in ["exec /init", "exec /init \"$@\""] where words[2].hasSuffix(ending) {
      let text = words[2].dropLast(ending.count)
      // Not `false && exec /init`: there, /init would depend on a condition.
      let before = text.last { !$0.isWhitespace }
      guard before == nil || before == ";" || text.last == "\n" else { return nil }
      return String(text)
    }
    return nil
  }

  private static let variables = ["BASH_ENV", "DOCKER_MODS", "ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "PATH"]

  /// Whether programs, or files that start them, lie there. Kernel modules do no harm to rules.
  private static func holdsPrograms(_ target: String) -> Bool {
    if target == "/lib/modules" || target.hasPrefix("/lib/modules/") || target.hasPrefix("/usr/lib/modules") {
      return false
    }
    let folders = [
      "/bin", "/custom-services.d", "/etc/cont-init.d", "/etc/ld.so.preload", "/etc/profile", "/etc/s6-overlay",
      "/etc/services.d", "/init", "/lib", "/lib64", "/sbin", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/local/lib",
      "/usr/local/sbin", "/usr/sbin",
    ]
    return target == "/" || target == "/usr" || folders.contains { target == $0 || target.hasPrefix($0 + "/") }
  }
}
