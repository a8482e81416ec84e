import PolicyFiles
import ShellScript
package import TextFiles
import Wire

/// What start-up scripts and wg-quick's hooks do to the network namespace.
struct ScriptHost: ShellHost {
  var namespace: NetworkNamespace
  var file: String
  /// The configurations that `wg-quick up` may name, by their paths inside of the container.
  var configs: [(path: String, config: WireGuardConfig)]
  /// What `ip route` and `ip address` would print: the gateway of the container's network, and its own address.
  var gatewayAddress = IPAddress("172.18.0.1")!
  var ownAddress = IPAddress("172.18.0.2")!
  /// Moments at which a script under `set -e` may end, with the rules as they are then.
  private(set) var possibleEnds: [PossibleEnd] = []
  private(set) var skipped: [SkippedCommand] = []
  /// Calls that iptables refuses, and why.
  private(set) var refusedCommands: [(place: SourcePlace, text: String, reason: String)] = []
  /// Rules that were deleted, and the place that deleted them.
  private(set) var deletions: [(rule: FilterRule, place: SourcePlace)] = []
  /// False where /proc/sys is read-only, as Docker makes it for a container that is not privileged (runtime-spec,
  /// readonlyPaths).
  var writesKernelSettings = true
  /// The readable files of the container, by their paths in it.
  var files: @Sendable (String) -> (name: String, text: String, isExecutable: Bool)? = { _ in nil }
  /// The files that were run or loaded, by the names that messages use.
  var filesRead: [String] = []
  /// The container's only network interface; nil if it has several, because nobody knows which of them leads out.
  var onlyNetwork: String?
  /// Whether scripts run as root. Images that make rules use no other user, unless the files state one.
  var isRoot = true
  /// The variables that bash itself sets for its user.
  var ownVariables: [String: String] { isRoot ? ["UID": "0", "EUID": "0"] : [:] }
  /// The interfaces that exist, if the namespace itself tells.
  var links: Set<String>?
  /// The iptables back ends that were called; the empty one stands for the plain name.
  var backEnds: Set<String> = []
  /// Families whose tables iptables has made, and those in which nft has named such tables.
  var sharedTables: (iptables: Set<IPFamily>, nft: Set<IPFamily>) = ([], [])
  /// Folders that scripts have made.
  var madeFolders: Set<String> = []
  /// Configurations that a script brings up by itself.
  private(set) var broughtUp: [(config: WireGuardConfig, place: SourcePlace)] = []

  /// Whether this is a health check. It may end programs, even the container's first one, without changing rules.
  var isHealthCheck = false

  private static let mostEnds = 1_000

  /// The steps left for all scripts and hooks together.
  private var stepsLeft = 200_000

  mutating func takeStep() -> Bool {
    stepsLeft -= 1
    return stepsLeft >= 0
  }

  struct PossibleEnd: Sendable {
    var place: SourcePlace
    var command: String
    var namespace: NetworkNamespace
    /// Whether the script waits at this moment, rather than ends.
    var isWait = false
  }

  init(_ namespace: NetworkNamespace, configs: [(path: String, config: WireGuardConfig)]) {
    self.namespace = namespace
    self.configs = configs
    file = ""
  }

  mutating func mayEnd(at line: Int, because text: String) { addPossibleEnd(line, text, isWait: false) }

  mutating func mayWait(at line: Int, because text: String) { addPossibleEnd(line, text, isWait: true) }

  private mutating func addPossibleEnd(_ line: Int, _ text: String, isWait: Bool) {
    guard possibleEnds.count < Self.mostEnds else {
      return leaveOut(
        line: line, text: text, because: "the script may end or wait here too, and at more places than can be followed",
        mayMakeRules: false)
    }
    possibleEnds.append(
      .init(place: SourcePlace(file, line: line), command: text, namespace: namespace, isWait: isWait))
  }

  mutating func leaveOut(line: Int, text: String, because reason: String) {
    leaveOut(line: line, text: text, because: reason, mayMakeRules: true)
  }

  /// `mayMakeRules` is false for a rule that exists and is only not fully known.
  mutating func leaveOut(line: Int, text: String, because reason: String, mayMakeRules: Bool) {
    guard skipped.count < 200 || mayMakeRules && !skipped.contains(where: \.mayMakeRules) else { return }
    let line = SkippedCommand(
      place: SourcePlace(file, line: line), text: text, reason: reason, mayMakeRules: mayMakeRules)
    if !skipped.contains(line) { skipped.append(line) }
  }

  mutating func refuse(_ place: SourcePlace, _ text: String, _ reason: String) {
    guard refusedCommands.count < 200 else { return }
    refusedCommands.append((place, text, reason))
  }

  mutating func forgetRefusals() { refusedCommands = [] }

  mutating func noteDeletion(of rule: FilterRule, at place: SourcePlace) { deletions.append((rule, place)) }

  mutating func output(of pipeline: [ShellCommand]) -> (text: String?, outcome: ShellOutcome) {
    let words = pipeline[0].words.map(\.value)
    // Providers use `wg show wg0 fwmark` to name the mark.
    if pipeline.count == 1, pipeline[0].name == "wg", words.count == 4, words[1] == "show", words[3] == "fwmark" {
      guard let name = words[2] else { return (nil, .unknown) }
      guard let mark = mark(of: name) else { return ("", .fails) }
      return (mark == 0 ? "off" : "0x" + String(mark, radix: 16), .succeeds)
    }
    // Only this user can make rules.
    if pipeline.count == 1, pipeline[0].name == "id", words.count == 2, words[1] == "-u", isRoot {
      return ("0", .succeeds)
    }
    if let told = toldByRoutes(pipeline) { return (told, .succeeds) }
    for command in pipeline { _ = run(command) }
    return (nil, pipeline.last.map(Self.cannotFail) ?? false ? .succeeds : .unknown)
  }

  mutating func run(_ command: ShellCommand) -> ShellOutcome {
    guard let name = command.name else {
      leaveOut(line: command.line, text: command.text, because: "its program is not known before it runs")
      return .unknown
    }
    if command.runsBeside, !isHarmless(command) {
      leaveOut(line: command.line, text: command.text, because: "it runs in the background, so its timing is not known")
      return .unknown
    }
    if name == "mkdir" { noteFolders(command) }
    if HarmlessPrograms.waiting.contains(name) { mayWait(at: command.line, because: command.text) }
    if let path = command.words[0].value, !Self.isWhereItIs(path, name) {
      leaveOut(
        line: command.line, text: command.text, because: "it is not known whether the image has this program there")
      return .unknown
    }
    switch name {
    case "iptables", "iptables-nft", "iptables-legacy": return runIPTables(command, .ipv4)
    case "ip6tables", "ip6tables-nft", "ip6tables-legacy": return runIPTables(command, .ipv6)
    case "iptables-restore", "iptables-nft-restore", "iptables-legacy-restore":
      return restore(command, .ipv4)
    case "ip6tables-restore", "ip6tables-nft-restore", "ip6tables-legacy-restore":
      return restore(command, .ipv6)
    case "nft": return runNft(command)
    case "ip": return runIP(command)
    case "sysctl": return runSysctl(command)
    case "wg-quick": return runWGQuick(command)
    case "wg":
      if Self.asksWireGuard(command) { return .unknown }
    case "[", "test": return Self.test(command)
    default: break
    }
    guard isHarmless(command) else {
      leaveOut(line: command.line, text: command.text, because: "what it does to rules and routes is not known")
      return .unknown
    }
    return Self.cannotFail(command) ? .succeeds : .unknown
  }

  /// Whether a path to a program that makes rules or routes is where an image's package puts it; true for a bare name.
  private static func isWhereItIs(_ path: String, _ name: String) -> Bool {
    guard path != name else { return true }
    var folders = ["/sbin/", "/usr/sbin/"]
    switch name {
    case "ip", "wg", "wg-quick": folders += ["/bin/", "/usr/bin/"]
    case "nft", "sysctl": break
    case _ where name.hasPrefix("iptables") || name.hasPrefix("ip6tables"): break
    default: return true
    }
    return folders.contains { path == $0 + name }
  }

  /// The mark of a tunnel's packets once wg-quick has brought it up; nil if there is no tunnel of that name.
  private func mark(of name: String) -> UInt32? {
    if let tunnel = namespace.tunnels.first(where: { $0.interface == name }) { return tunnel.mark }
    var later = namespace
    for (config, _) in broughtUp {
      let mark = later.mark(for: config)
      if config.interfaceName == name { return mark }
      later.tunnels.append(.init(interface: config.interfaceName, config: config, mark: mark))
    }
    return nil
  }

  /// Configurations that come up are not applied here: the changes of a tunnel are followed separately.
  private mutating func runWGQuick(_ command: ShellCommand) -> ShellOutcome {
    let words = command.words.map(\.value)
    guard words.count == 3, words[1] == "up", let name = words[2] else {
      leaveOut(
        line: command.line, text: command.text, because: "only wg-quick up with a known configuration is followed")
      return .unknown
    }
    let path = name.contains("/") ? name : "/etc/wireguard/\(name).conf"
    guard let config = configs.first(where: { $0.path == path })?.config else {
      leaveOut(line: command.line, text: command.text, because: "the configuration is not among the mounted files")
      return .unknown
    }
    broughtUp.append((config, SourcePlace(file, line: command.line)))
    // It may fail, like any call of wg-quick.
    return .unknown
  }
}

/// A line that the audit did not understand. The result does not include what it does.
package struct SkippedCommand: Hashable, Sendable {
  package var place: SourcePlace
  package var text: String
  package var reason: String
  /// Whether it may have made rules, or taken some away.
  var mayMakeRules = true
}
