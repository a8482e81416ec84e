/// leakaudit, a record walk in C and tcpdump over one capture, in turn.
struct Comparison {
  let name: String
  let capture: String
  let counts: TrafficWriter.Counts
  let binaries: String
  let output: String

  private(set) var audit = Run(status: 0, wall: .infinity, cpu: .infinity, peakMemory: 0)
  private(set) var walk = Run(status: 0, wall: .infinity, cpu: .infinity, peakMemory: 0)
  private(set) var dump = Run(status: 0, wall: .infinity, cpu: .infinity, peakMemory: 0)

  init(_ name: String, capture: String, counts: TrafficWriter.Counts, binaries: String, output: String) {
    self.name = name
    self.capture = capture
    self.counts = counts
    self.binaries = binaries
    self.output = output
  }

  private static let address = "203.0.113.178"
  private static let port = "51820"

  /// The policy in the words of pcap-filter(7): what is neither tunnel nor local, seen from a private network. Tags
  /// shift every offset behind them, so the expression stands twice.
  private static var filter: String {
    let tunnel = "(udp and dst host \(address) and dst port \(port))"
    let local =
      "(dst net 10.0.0.0/8 or dst net 172.16.0.0/12 or dst net 192.168.0.0/16 or dst net 169.254.0.0/16 "
      + "or dst net 127.0.0.0/8 or dst net 224.0.0.0/24 or dst net 239.0.0.0/8 or dst host 255.255.255.255 "
      + "or dst net fc00::/7 or dst net fe80::/10 or dst host ::1)"
    let leak = "((ip or ip6) and not \(tunnel) and (not \(local) or dst port 53 or dst port 853))"
    return "\(leak) or (vlan and \(leak))"
  }

  /// One round: each program once. The best of all rounds counts, because other programs can only slow one down.
  mutating func runRound() throws(Failure) {
    let walk = try Program.run(
      ["\(binaries)/record-walk", capture, Self.address, Self.port], output: output)
    guard walk.status == 0, text(output) == "\(counts.frames) \(counts.plainTunnel)\n" else {
      throw Failure(status: 70, message: "record-walk counted \(text(output)) in \(name)")
    }
    keep(walk, in: &self.walk)

    let audit = try Program.run(
      [
        "\(binaries)/leakaudit", "replay", capture, "--endpoint", "\(Self.address):\(Self.port)", "--format", "json",
      ], output: output)
    let summary = text(output)
    for (key, value) in [("frames", counts.frames), ("tunnel", counts.tunnel), ("leak", counts.leaks)]
    where !summary.contains("\n  \"\(key)\" : \(value),\n") {
      throw Failure(status: 70, message: "leakaudit disagrees on '\(key)' in \(name), which has \(value)")
    }
    guard audit.status == (counts.leaks > 0 ? 1 : 0) else {
      throw Failure(status: 70, message: "leakaudit ended with status \(audit.status) on \(name)")
    }
    keep(audit, in: &self.audit)

    let dump = try Program.run(
      ["tcpdump", "-nr", capture, "-w", "/dev/null", Self.filter], output: output)
    guard dump.status == 0 else {
      throw Failure(status: 69, message: "tcpdump ended with status \(dump.status); is it installed?")
    }
    keep(dump, in: &self.dump)
  }

  private func keep(_ run: Run, in best: inout Run) {
    best.wall = min(best.wall, run.wall)
    best.cpu = min(best.cpu, run.cpu)
    best.peakMemory = max(best.peakMemory, run.peakMemory)
  }

  func report(to thresholds: inout Thresholds) throws(Failure) {
    for (program, run) in [("leakaudit", audit), ("record-walk", walk), ("tcpdump", dump)] {
      let frame = run.wall / Double(counts.frames) * 1e9
      print(
        row(name, program, "\(decimal(run.wall)) s wall", "\(decimal(run.cpu)) s CPU", "\(decimal(frame)) ns/frame"))
    }
    try thresholds.check(name, "wall-to-walk", audit.wall / walk.wall)
    try thresholds.check(name, "cpu-to-tcpdump", audit.cpu / dump.cpu)
    try thresholds.check(name, "peak-memory", Double(audit.peakMemory))
  }
}
