import ShellScript
import TextFiles
import Wire

extension ScriptHost {
  mutating func runSysctl(_ command: ShellCommand) -> ShellOutcome {
    for word in command.words.dropFirst() {
      guard let text = word.value?.filter({ $0 != " " }) else {
        leaveOut(line: command.line, text: command.text, because: "what it sets is not known before it runs")
        continue
      }
      if text.hasPrefix("-") {
        guard !Self.sysctlOptions.contains(text) else { continue }
        leaveOut(line: command.line, text: command.text, because: "\(text) is not followed")
      }
      guard let sign = text.firstIndex(of: "=") else { continue }
      let key = text[..<sign].replacing("/", with: ".")
      let value = text[text.index(after: sign)...]
      if !["net.", "vm.", "fs."].contains(where: key.hasPrefix) {
        leaveOut(line: command.line, text: command.text, because: "what this changes in the kernel is not followed")
      }
      if key.hasSuffix(".disable_ipv6") {
        if value != "1" {
          namespace.ipv6Disabled = nil
        } else if key == "net.ipv6.conf.all.disable_ipv6", command.isCertain, writesKernelSettings {
          namespace.ipv6Disabled = SourcePlace(file, line: command.line)
        }
      }
      if Self.routesOthers(String(key)), value != "0" { namespace.routesOthers = SourcePlace(file, line: command.line) }
    }
    return .unknown
  }

  /// Whether a setting turns on routing for others, on all interfaces or on one.
  static func routesOthers(_ key: String) -> Bool {
    key == "net.ipv4.ip_forward"
      || key.hasSuffix(".forwarding")
        && ["net.ipv4.conf.", "net.ipv6.conf."].contains(where: key.hasPrefix)
  }

  private static let sysctlOptions: Set<String> = [
    "-w", "--write", "-q", "--quiet", "-e", "--ignore", "-n", "--values", "-a", "--all", "-qw", "-wq", "-ew", "-we",
  ]

  /// Many scripts test whether IPv6 exists. It does exist in the cases that matter.
  static func test(_ command: ShellCommand) -> ShellOutcome {
    let words = command.words.dropFirst().map(\.value)
    if words.count >= 2, ["-e", "-f", "-d", "-r", "-s"].contains(words[0]), let path = words[1],
      path == "/proc/net/if_inet6" || path.hasPrefix("/proc/sys/net/ipv6")
    {
      return .succeeds
    }
    return .unknown
  }

  /// Whether a command changes neither rules nor routes, nor files that a script or an image reads.
  func isHarmless(_ command: ShellCommand) -> Bool {
    switch command.name {
    case "ip": Self.asksOnly(command)
    case "wg": Self.asksWireGuard(command)
    case "kill", "pkill", "killall": isHealthCheck || HarmlessPrograms.holds(command, isScratch: isScratch)
    // The image's own health check command.
    case "/gluetun-entrypoint": isHealthCheck && command.words.dropFirst().map(\.value) == ["healthcheck"]
    default: HarmlessPrograms.holds(command, isScratch: isScratch)
    }
  }

  static func asksWireGuard(_ command: ShellCommand) -> Bool {
    ["show", "showconf", "genkey", "pubkey", "genpsk"].contains(command.words.dropFirst().first?.value)
  }

  private static let scratchFolders = ["/tmp/", "/var/log/"]
  private static let scratchFiles: Set<String> = [
    "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/proc/1/fd/1", "/proc/1/fd/2", "/proc/self/fd/1",
    "/proc/self/fd/2", "/etc/resolv.conf", "/etc/hosts",
  ]

  func isScratch(_ path: String) -> Bool {
    if Self.scratchFiles.contains(path) { return true }
    guard Self.scratchFolders.contains(where: path.hasPrefix), !path.contains("..") else { return false }
    return files(path) == nil && !configs.contains { $0.path == path }
  }

  func opens(_ path: String, toWrite: Bool) -> Bool {
    if path == "/dev/tty" { return false }
    if Self.scratchFiles.contains(path) || path == "/dev/stdin" { return true }
    guard toWrite, isScratch(path) else { return !toWrite && files(path) != nil }
    let folder = path[..<path.lastIndex(of: "/")!]
    return Self.scratchFolders.contains("\(folder)/") || madeFolders.contains(String(folder))
  }

  /// Remembers the folders that exist from here on.
  mutating func noteFolders(_ command: ShellCommand) {
    let words = command.words.dropFirst().map(\.value)
    guard command.isCertain, words.contains("-p"), words.allSatisfy({ $0 == "-p" || $0?.hasPrefix("/") == true }) else {
      return
    }
    madeFolders.formUnion(words.compactMap { $0 })
  }

  func script(at path: String) -> ShellFile? {
    files(path).map { ShellFile(name: $0.name, text: $0.text, isExecutable: $0.isExecutable) }
  }

  mutating func enter(_ file: String) -> String {
    defer { self.file = file }
    if !file.isEmpty, !filesRead.contains(file) { filesRead.append(file) }
    return self.file
  }

  /// Programs that are assumed to do what they are told.
  static func cannotFail(_ command: ShellCommand) -> Bool { command.name.map(reliable.contains) ?? false }

  private static let reliable: Set<String> = [
    "awk", "sed", "cut", "head", "tail", "tr", "sort", "uniq", "wc", "cat", "tee", "date", "xargs", "basename",
    "dirname",
    "echo", "printf", "true", "sleep", "touch", "mkdir", "chmod", "chown", "logger", "uname", "id", "whoami",
    "hostname",
  ]
}
