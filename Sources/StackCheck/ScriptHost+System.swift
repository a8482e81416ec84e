import PolicyFiles
import ShellScript
import Wire

extension ScriptHost {
  mutating func runSysctl(_ command: ShellCommand) -> ShellOutcome {
    for word in command.words.dropFirst() {
      guard let text = word.value?.filter({ $0 != " " }) else {
        passOver(line: command.line, text: command.text, because: "what it sets is not known before it runs")
        continue
      }
      if text.hasPrefix("-") {
        guard !Self.sysctlOptions.contains(text) else { continue }
        passOver(line: command.line, text: command.text, because: "\(text) is not followed")
      }
      guard let sign = text.firstIndex(of: "=") else { continue }
      let key = text[..<sign].replacing("/", with: ".")
      let value = text[text.index(after: sign)...]
      if !["net.", "vm.", "fs."].contains(where: key.hasPrefix) {
        passOver(line: command.line, text: command.text, because: "what this makes of the kernel is not followed")
      }
      if key.hasSuffix(".disable_ipv6") {
        if value != "1" {
          namespace.ipv6Disabled = nil
        } else if key == "net.ipv6.conf.all.disable_ipv6", command.isCertain, writesKernelSettings {
          namespace.ipv6Disabled = SourcePlace(file, line: command.line)
        }
      }
      if ["net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding", "net.ipv6.conf.all.forwarding"].contains(key),
        value == "1"
      {
        namespace.routesOthers = SourcePlace(file, line: command.line)
      }
    }
    return .unknown
  }

  private static let sysctlOptions: Set<String> = [
    "-w", "--write", "-q", "--quiet", "-e", "--ignore", "-n", "--values", "-a", "--all", "-qw", "-wq", "-ew", "-we",
  ]

  /// Whether IPv6 is there is asked by many scripts, and it is where it matters that it is.
  static func test(_ command: ShellCommand) -> ShellOutcome {
    let words = command.words.dropFirst().map(\.value)
    if words.count >= 2, ["-e", "-f", "-d", "-r", "-s"].contains(words[0]), let path = words[1],
      path == "/proc/net/if_inet6" || path.hasPrefix("/proc/sys/net/ipv6")
    {
      return .succeeds
    }
    return .unknown
  }

  /// Programs that change neither rules nor routes.
  static func isHarmless(_ command: ShellCommand) -> Bool {
    guard let name = command.name else { return false }
    if name == "ip" {
      return !command.words.contains {
        ["add", "del", "delete", "replace", "change", "set", "flush"].contains($0.value)
      }
    }
    // xargs, timeout and the like run what stands among their words.
    let runsOther = command.words.dropFirst().contains { word in
      guard let value = word.value else { return false }
      return ["iptables", "ip6tables", "nft", "wg-quick", "ip"].contains { value == $0 || value.hasSuffix("/" + $0) }
    }
    return !runsOther && (filters.contains(name) || bystanders.contains(name))
  }

  static func cannotFail(_ command: ShellCommand) -> Bool { command.name.map(filters.contains) ?? false }

  private static let filters: Set<String> = [
    "awk", "sed", "cut", "head", "tail", "tr", "sort", "uniq", "wc", "cat", "tee", "date", "xargs", "basename",
    "dirname",
    "echo", "printf", "true", "sleep", "touch", "mkdir", "chmod", "chown", "logger", "uname", "id", "whoami",
    "hostname",
  ]
  private static let bystanders: Set<String> = [
    "grep", "egrep", "ls", "cp", "mv", "rm", "ln", "curl", "wget", "ping", "dig", "nslookup", "host", "getent", "jq",
    "ps",
    "pgrep", "kill", "pkill", "nc", "stat", "find", "test", "env", "which", "type", "hash", "s6-setuidgid", "su", "apk",
    "apt", "apt-get", "resolvconf", "ss", "netstat", "modprobe", "lsmod", "lsiown", "with-contenv", "timeout",
    "tcpdump",
    "iptables-save", "ip6tables-save", "ipcalc", "dnsmasq", "unbound", "coredns", "crond", "python3", "perl", "expr",
    "seq",
  ]
}
