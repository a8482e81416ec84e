import Glibc

/// Measures `leakaudit replay` against a record walk in C and against tcpdump, on captures made for the purpose,
/// and compares with the committed thresholds.
///
///     benchmarks [--rows NAME,...] [--frames N] [--rounds N] [--seed N] [--directory PATH] [--keep PATH] [--tighten]
///
/// `--keep` leaves the captures and the commands that are compared, and measures nothing. `--tighten` lowers the bounds
/// in thresholds.txt to what was measured and some room; it raises none. Ends with 0 if all thresholds are met, 1 if
/// one is missed, 69 if a program to compare with is missing.
@main
enum Benchmarks {
  static func main() {
    Interruption.hold()
    var status: Int32 = 70
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if let directory = options.kept {
        try keep(options, in: directory)
        status = 0
      } else {
        status = try measure(options) ? 0 : 1
      }
    } catch let failure as Failure {
      print("benchmarks: \(failure.message)")
      status = failure.status
    } catch {
      print("benchmarks: \(error)")
    }
    exit(status)
  }

  private static var binaries: String {
    CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
  }

  private static func mixes(_ options: Options) throws(Failure) -> [Mix] {
    let all = Mix.all(seed: options.seed)
    for name in options.rows where !all.contains(where: { $0.name == name }) && !stages.contains(name) {
      let known = (all.map(\.name) + stages).joined(separator: " ")
      throw Failure(status: 64, message: "there is no row '\(name)'; there are: \(known)")
    }
    return all.filter { options.wants($0.name) }
  }

  /// Rows without a comparison.
  private static let stages = [Startup.name, "context"]

  private static func write(_ mix: Mix, base: String, frames: Int) throws -> TrafficCounts {
    var traffic = try Traffic(mix.layout, name: base, seed: mix.seed)
    try mix.write(&traffic, frames)
    try traffic.finish()
    return traffic.counts
  }

  private static func keep(_ options: Options, in directory: String) throws {
    let list = try OutputFile("\(directory)/commands")
    for mix in try mixes(options) {
      let base = "\(directory)/\(mix.name)"
      let counts = try write(mix, base: base, frames: options.frames ?? mix.frames)
      let comparison = Comparison(mix, base: base, counts: counts, binaries: binaries, output: "/dev/null")
      let classes = counts.classes.map { "\($0.name) \($0.frames)" }.joined(separator: ", ")
      try list.write(Array("# \(mix.name): \(classes)\n\(comparison.commands)\n\n".utf8))
    }
  }

  /// For so many frames more.
  private static func allocations(_ mix: Mix, base: String, in directory: borrowing TemporaryDirectory) throws
    -> Double
  {
    var counts: [Int] = []
    for frames in [Allocations.frames, 2 * Allocations.frames] {
      let written = try write(mix, base: base, frames: frames)
      let comparison = Comparison(
        mix, base: base, counts: written, binaries: binaries, output: directory.file("output"))
      counts.append(try Allocations.count(comparison, binaries: binaries, directory: directory))
    }
    return Double(counts[1] - counts[0])
  }

  /// True if all thresholds are met.
  private static func measure(_ options: Options) throws -> Bool {
    var thresholds = try Thresholds()
    let directory = try TemporaryDirectory(in: options.directory)
    let output = directory.file("output")
    guard try Program.run(["tcpdump", "--version"], output: output).status == 0 else {
      throw Failure(status: 69, message: "tcpdump is not installed: there is nothing to compare with")
    }
    // Seconds of CPU for each frame of a row.
    var costs: [String: Double] = [:]
    if options.wants(Startup.name), let mix = Mix.all(seed: 0).first {
      let base = directory.file(Startup.name)
      let counts = try write(mix, base: base, frames: 40)
      let run = try Startup.measure(mix, base: base, counts: counts, binaries: binaries, output: output)
      try thresholds.check(Startup.name, "milliseconds", run.wall * 1000)
      try thresholds.check(Startup.name, "cpu-milliseconds", run.cpu * 1000)
      try thresholds.check(Startup.name, "peak-memory", Double(run.peakMemory))
      costs[Startup.name] = run.cpu
      if let mix = Mix.all(seed: 0).first(where: { $0.name == "new-udp" }) {
        let base = directory.file(NewFinding.name)
        let counts = try write(mix, base: base, frames: NewFinding.frames)
        let comparison = Comparison(mix, base: base, counts: counts, binaries: binaries, output: output)
        let cost = try NewFinding.cost(comparison, startup: run.cpu)
        try thresholds.check(NewFinding.name, "cpu-nanoseconds", cost * 1e9)
        costs[NewFinding.name] = cost
        directory.empty()
      }
    }
    for mix in try mixes(options) {
      let random = RandomMix(seed: options.seed)
      if mix.name == RandomMix.name { print(random.description) }
      let base = directory.file(mix.name)
      let counts = try write(mix, base: base, frames: options.frames ?? mix.frames)
      var comparison = Comparison(mix, base: base, counts: counts, binaries: binaries, output: output)
      for round in 0..<options.rounds where round < 2 || !comparison.isWithin(thresholds) {
        try comparison.runRound()
      }
      try comparison.report(to: &thresholds)
      try thresholds.check(mix.name, "allocations", try allocations(mix, base: base, in: directory))
      costs[mix.name] = comparison.audit.cpu / Double(counts.frames)
      if mix.name == RandomMix.name, let expected = random.expected(counts, findings: comparison.findings, costs) {
        try thresholds.check(mix.name, "cpu-to-rows", comparison.audit.cpu / expected)
      }
      directory.empty()
      // A table written to a file can be read while it grows.
      fflush(nil)
    }
    if options.wants("context") {
      let context = (0..<3).map { _ in ContextStage.measure(frames: 2_000_000) }
      try thresholds.check("context", "allocations", Double(context.map(\.allocations).max() ?? .max))
      try thresholds.check("context", "nanoseconds", context.map(\.nanoseconds).min() ?? .infinity)
    }
    if options.tightens { try thresholds.tighten() }
    return thresholds.isMet
  }
}
