import ShellScript

/// Programs that change neither rules nor routes, with the arguments for which that is known. A program or an argument
/// that is not listed here may do anything.
enum HarmlessPrograms {
  static func holds(_ command: ShellCommand, isScratch: (String) -> Bool) -> Bool {
    guard let name = command.name else { return false }
    let arguments = command.words.dropFirst().map(\.value)
    if whateverTheyAreTold.contains(name) { return !arguments.contains { $0.map(isDevice) ?? false } }
    if let usage = usages[name] { return usage.allows(arguments, isScratch) }
    guard !arguments.contains(nil) else { return false }
    let known = arguments.map { $0! }
    switch name {
    case "awk", "gawk", "mawk": return FilterPrograms.isPlainAwk(known)
    case "sed": return FilterPrograms.isPlainSed(known)
    case "find": return known.allSatisfy { !$0.hasPrefix("-") || finding.contains($0) }
    case "kill": return known.first == "-0"
    case "conntrack": return known.first.map { ["-F", "-L", "-D", "-C", "-S"].contains($0) } ?? false
    case "chmod": return allowsMode(known, isScratch)
    case "cp":
      return known.last.map(isScratch) ?? false && Usage("rapfvu", operands: .any).allows(arguments, isScratch)
    case "xargs":
      guard !known.isEmpty else { return true }
      // The words that it appends are not known.
      let inner = known.map { ShellArgument($0, written: $0) } + [ShellArgument(nil, written: "…")]
      return !known[0].hasPrefix("-")
        && holds(ShellCommand(words: inner, line: command.line), isScratch: isScratch)
    default: return false
    }
  }

  /// Programs that may take long, or forever, because they ask the network.
  static let waiting: Set<String> = ["curl", "wget", "ping", "ping6", "dig", "nslookup", "host", "getent", "nc"]

  /// No argument makes these programs change rules or routes, or run another program; most only print.
  private static let whateverTheyAreTold: Set<String> = [
    "echo", "true", "false", "basename", "dirname", "expr", "seq", "id", "whoami", "uname", "wc", "cut", "tr", "head",
    "cat", "grep", "egrep", "fgrep", "ls", "stat", "readlink", "realpath", "nproc", "jq", "printenv", "md5sum",
    "sha256sum", "base64", "pgrep", "ps", "lsmod", "logger", "mktemp", "[", "test", "which", "type", "df", "free",
    "arch", "dig", "nslookup", "host", "getent", "ping", "ping6", "mkdir", "chown", "chgrp", "lsiown",
  ]

  private static let usages: [String: Usage] = [
    // No `f`: with -f it never ends.
    "tail": Usage("qvz0123456789", valued: "nc"),
    "sort": Usage("nrufbdghiMRVzcCm", valued: "kt"),
    "uniq": Usage("cdiuDz", valued: "fsw", operands: .none),
    "printf": Usage("", operands: .any, takesUnknown: true),
    "tee": Usage("ai", operands: .scratch),
    "touch": Usage("acm", operands: .scratch),
    "rm": Usage("rRfv", operands: .scratch),
    "mv": Usage("fv", operands: .scratch),
    "ln": Usage("sfnv", operands: .scratch),
    "hostname": Usage("isfIdA", operands: .none),
    "date": Usage("uRI", valued: "d", operands: .format),
    "hash": Usage("r"),
    "ss": Usage("tulpnaeiHmorsx46"), "netstat": Usage("tulpnaeiHmorsx46"),
    "nc": Usage("zvun46", valued: "w"),
    "modprobe": Usage("qva"),
    "env": Usage("", operands: .none),
    "iptables-save": Usage("c", valued: "t", operands: .none),
    "ip6tables-save": Usage("c", valued: "t", operands: .none),
    "iptables-nft-save": Usage("c", valued: "t", operands: .none),
    "iptables-legacy-save": Usage("c", valued: "t", operands: .none),
    "curl": Usage(
      "sSfLkv46IiNG#", valued: "mXHAeuw", files: "o",
      long: [
        "--silent", "--show-error", "--fail", "--location", "--head", "--insecure", "--verbose", "--ipv4", "--ipv6",
      ],
      longValued: [
        "--max-time", "--connect-timeout", "--retry", "--interface", "--request", "--header", "--retry-delay",
      ]),
    "wget": Usage(
      "qSv46", valued: "TtU", files: "O", needed: ["-O", "--spider"],
      long: ["--spider", "--quiet", "--no-check-certificate"], longValued: ["--timeout", "--tries"]),
  ]

  /// The options of find that only select or print. Others make it run, write or delete.
  private static let finding: Set<String> = [
    "-name", "-iname", "-path", "-type", "-maxdepth", "-mindepth", "-newer", "-mtime", "-mmin", "-size", "-perm",
    "-user",
    "-empty", "-print", "-print0", "-o", "-a", "-not", "-L", "-H",
  ]

  /// Reading from a device may never end.
  private static func isDevice(_ word: String) -> Bool {
    word.hasPrefix("/dev/") && !["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"].contains(word)
  }

  /// Any mode is allowed for files that are no programs, and any file may be made executable.
  private static func allowsMode(_ words: [String], _ isScratch: (String) -> Bool) -> Bool {
    let operands = words.filter { !["-R", "-v", "-f"].contains($0) }
    guard let mode = operands.first, operands.count > 1, !operands.contains(where: { $0.hasPrefix("-") }) else {
      return false
    }
    if ["+x", "a+x", "u+x", "ugo+x", "755", "0755", "700", "0700"].contains(mode) { return true }
    return operands.dropFirst().allSatisfy { $0.hasSuffix(".conf") || isScratch($0) }
  }

  /// The options that a program may have, and what its other words may be.
  private struct Usage {
    /// Option letters without a value, with a value, and with a file that the program writes.
    let flags, valued, files: String
    /// At least one of these is required.
    let needed: Set<String>
    let long, longValued: Set<String>
    let operands: Operands
    /// Whether the words may include unknown ones.
    let takesUnknown: Bool

    enum Operands { case any, none, scratch, format }

    init(
      _ flags: String, valued: String = "", files: String = "", needed: Set<String> = [], long: Set<String> = [],
      longValued: Set<String> = [], operands: Operands = .any, takesUnknown: Bool = false
    ) {
      self.flags = flags
      self.valued = valued
      self.files = files
      self.needed = needed
      self.long = long
      self.longValued = longValued
      self.operands = operands
      self.takesUnknown = takesUnknown
    }

    func allows(_ arguments: [String?], _ isScratch: (String) -> Bool) -> Bool {
      var words = arguments[...]
      var seen: Set<String> = []
      while let word = words.popFirst() {
        guard let word else {
          if takesUnknown { continue } else { return false }
        }
        guard word.hasPrefix("-"), word.count > 1 else {
          guard fits(word, isScratch) else { return false }
          continue
        }
        if word == "--" { return words.allSatisfy { $0.map { fits($0, isScratch) } ?? false } }
        if word.hasPrefix("--") {
          let name = String(word.prefix { $0 != "=" })
          seen.insert(name)
          if longValued.contains(name) {
            if !word.contains("=") { _ = words.popFirst() }
          } else if !long.contains(word) {
            return false
          }
          continue
        }
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
          seen.insert("-\(letter)")
          if flags.contains(letter) { continue }
          guard valued.contains(letter) || files.contains(letter) else { return false }
          let value = letters.isEmpty ? words.popFirst() ?? nil : String(letters)
          if files.contains(letter) {
            guard let value, value == "-" || isScratch(value) else { return false }
          }
          letters = ""
        }
      }
      return needed.isEmpty || !needed.isDisjoint(with: seen)
    }

    private func fits(_ word: String, _ isScratch: (String) -> Bool) -> Bool {
      switch operands {
      case .any: !HarmlessPrograms.isDevice(word)
      case .none: false
      case .scratch: isScratch(word)
      case .format: word.hasPrefix("+")
      }
    }
  }
}
