import Glibc

/// leakaudit, a record walk in C and tcpdump over the captures of one mix, in turn.
struct Comparison {
  let mix: Mix
  /// The captures, without the suffixes that a layout adds to their names.
  let base: String
  let counts: TrafficCounts
  let binaries: String
  let output: String

  private(set) var audit = Run.none
  private(set) var walk = Run.none
  private(set) var dump = Run.none
  /// In the audit's last summary.
  private(set) var findings = 0

  init(_ mix: Mix, base: String, counts: TrafficCounts, binaries: String, output: String) {
    self.mix = mix
    self.base = base
    self.counts = counts
    self.binaries = binaries
    self.output = output
  }

  private static let address = "203.0.113.178"
  private static let port = "51820"

  private var captures: [String] { mix.layout.files.map { base + $0.suffix } }

  /// `leakaudit` on all captures at once.
  func auditLine(format: String) -> [String] {
    let name = base.split(separator: "/").last.map(String.init) ?? base
    return ["\(binaries)/leakaudit", "replay"] + captures + ["--endpoint", "\(Self.address):\(Self.port)"]
      + mix.layout.roles(name) + ["--format", format]
  }

  /// tcpdump on one after the other.
  private var dumpLines: [[String]] {
    captures.map { ["tcpdump", "-nr", $0, "-w", "/dev/null", filter] }
  }

  private var walkLines: [[String]] {
    captures.map { ["\(binaries)/record-walk", $0, Self.address, Self.port] }
  }

  /// All of it as a shell command.
  var commands: String {
    ([auditLine(format: "json")] + dumpLines + walkLines).map { line in
      line.map { $0.contains { " ()".contains($0) } ? "'\($0)'" : $0 }.joined(separator: " ")
    }.joined(separator: "\n")
  }

  /// The policy in the words of pcap-filter(7): what is neither tunnel nor local, seen from a private network. Tags
  /// shift every offset behind them, so the expression stands twice where there are some.
  private var filter: String {
    let tunnel = "(udp and dst host \(Self.address) and dst port \(Self.port))"
    let local =
      "(dst net 10.0.0.0/8 or dst net 172.16.0.0/12 or dst net 192.168.0.0/16 or dst net 169.254.0.0/16 "
      + "or dst net 127.0.0.0/8 or dst net 224.0.0.0/24 or dst net 239.0.0.0/8 or dst host 255.255.255.255 "
      + "or dst net fc00::/7 or dst net fe80::/10 or dst host ::1)"
    let leak = "((ip or ip6) and not \(tunnel) and (not \(local) or dst port 53 or dst port 853))"
    return mix.hasTags ? "\(leak) or (vlan and \(leak))" : leak
  }

  /// One round: each program once. The best of all rounds counts, because other programs can only slow one down.
  mutating func runRound() throws(Failure) {
    var walk = Run.zero
    for (index, line) in walkLines.enumerated() {
      walk.add(try Program.run(line, output: output))
      guard walk.status == 0, text(output) == "\(counts.perFile[index]) \(counts.plainTunnel[index])\n" else {
        throw Failure(status: 70, message: "record-walk counted \(text(output)) in \(mix.name)")
      }
    }
    self.walk.keepBest(walk)
    try runAudit()

    var dump = Run.zero
    for line in dumpLines { dump.add(try Program.run(line, output: output)) }
    guard dump.status == 0 else {
      throw Failure(status: 69, message: "tcpdump ended with status \(dump.status); is it installed?")
    }
    self.dump.keepBest(dump)
  }

  mutating func runAudit() throws(Failure) {
    let audit = try Program.run(auditLine(format: "json"), output: output)
    let summary = text(output)
    for (name, frames) in counts.classes where !summary.contains("\n  \"\(name)\" : \(frames),\n") {
      throw Failure(status: 70, message: "leakaudit disagrees on '\(name)' in \(mix.name), which has \(frames)")
    }
    guard audit.status == (counts.leak > 0 ? 1 : 0) else {
      throw Failure(status: 70, message: "leakaudit ended with status \(audit.status) on \(mix.name)")
    }
    findings = summary.split(separator: "\n").count { $0.hasPrefix("      \"firstFrame\" :") }
    self.audit.keepBest(audit)
  }

  private var ratios: [(measure: String, value: Double)] {
    [("cpu-to-walk", audit.cpu / walk.cpu), ("cpu-to-tcpdump", audit.cpu / dump.cpu)]
  }

  func isWithin(_ thresholds: Thresholds) -> Bool {
    ratios.allSatisfy { thresholds.allows(mix.name, $0.measure, $0.value) }
  }

  func report(to thresholds: inout Thresholds) throws(Failure) {
    func nanoseconds(_ run: Run) -> String { decimal(run.cpu / Double(counts.frames) * 1e9) }
    print(
      row(
        mix.name, "ns of CPU per frame", nanoseconds(audit),
        "walk \(nanoseconds(walk)), tcpdump \(nanoseconds(dump)), \(counts.frames) frames"))
    for (measure, value) in ratios { try thresholds.check(mix.name, measure, value) }
    try thresholds.check(mix.name, "peak-memory", Double(audit.peakMemory))
  }
}

extension Run {
  static let none = Run(status: 0, wall: .infinity, cpu: .infinity, peakMemory: 0)
  static let zero = Run(status: 0, wall: 0, cpu: 0, peakMemory: 0)

  /// The programs run one after the other.
  fileprivate mutating func add(_ run: Run) {
    status = max(status, run.status)
    wall += run.wall
    cpu += run.cpu
    peakMemory = max(peakMemory, run.peakMemory)
  }

  mutating func keepBest(_ run: Run) {
    wall = min(wall, run.wall)
    cpu = min(cpu, run.cpu)
    peakMemory = max(peakMemory, run.peakMemory)
  }
}
