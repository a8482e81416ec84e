import Glibc

/// Measures `leakaudit replay` against a record walk in C and against tcpdump, on captures made for the purpose,
/// and compares with the committed thresholds.
///
///     benchmarks [--frames N] [--megabytes N] [--rounds N] [--directory PATH]
///
/// Ends with 0 if all thresholds are met, 1 if one is missed, 69 if a program to compare with is missing.
@main
enum Benchmarks {
  private struct Options {
    var frames = 10_000_000
    var megabytes = 3000
    var rounds = 3
    var directory = "/tmp"

    init(_ arguments: [String]) throws(Failure) {
      var rest = arguments[...]
      while let name = rest.popFirst() {
        guard let value = rest.popFirst() else { throw Self.usage }
        switch (name, Int(value)) {
        case ("--frames", let number?): frames = number
        case ("--megabytes", let number?): megabytes = number
        case ("--rounds", let number?) where number > 0: rounds = number
        case ("--directory", _): directory = value
        default: throw Self.usage
        }
      }
    }

    private static let usage = Failure(
      status: 64, message: "usage: benchmarks [--frames N] [--megabytes N] [--rounds N] [--directory PATH]")
  }

  static func main() {
    Interruption.hold()
    var status: Int32 = 70
    do {
      status = try measure(Options(Array(CommandLine.arguments.dropFirst()))) ? 0 : 1
    } catch let failure as Failure {
      print("benchmarks: \(failure.message)")
      status = failure.status
    } catch {
      print("benchmarks: \(error)")
    }
    exit(status)
  }

  /// True if all thresholds are met.
  private static func measure(_ options: Options) throws -> Bool {
    var thresholds = try Thresholds()
    let directory = try TemporaryDirectory(in: options.directory)
    let output = directory.file("output")
    let binaries = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    guard try Program.run(["tcpdump", "--version"], output: output).status == 0 else {
      throw Failure(status: 69, message: "tcpdump is not installed: there is nothing to compare with")
    }

    var writer = TrafficWriter(try OutputFile(directory.file("once.pcap")))
    try writer.writeClean(frames: 100_000)
    writer = TrafficWriter(try OutputFile(directory.file("twice.pcap")))
    try writer.writeClean(frames: 200_000)
    // The first audit also pays for what the process allocates only once.
    _ = try Stages.allocations(directory.file("once.pcap"))
    let allocations = try (
      once: Stages.allocations(directory.file("once.pcap")),
      twice: Stages.allocations(directory.file("twice.pcap"))
    )
    try thresholds.check("clean", "allocations", Double(allocations.twice) - Double(allocations.once))
    let context = (0..<3).map { _ in ContextStage.measure(frames: 2_000_000) }
    try thresholds.check("context", "allocations", Double(context.map(\.allocations).max() ?? .max))
    try thresholds.check("context", "nanoseconds", context.map(\.nanoseconds).min() ?? .infinity)

    for name in ["small", "mixed"] {
      let path = directory.file("\(name).pcap")
      var writer = TrafficWriter(try OutputFile(path))
      if name == "small" {
        try writer.writeSmall(frames: options.frames)
      } else {
        try writer.writeMixed(bytes: options.megabytes * 1_000_000)
      }
      var comparison = Comparison(
        name, capture: path, counts: writer.counts, binaries: binaries, output: output)
      for _ in 0..<options.rounds { try comparison.runRound() }
      try comparison.report(to: &thresholds)
      let stages = try Stages.nanoseconds(path)
      print(row(name, "reader alone", "\(decimal(stages.reader)) ns/frame"))
      print(row(name, "decode and classify", "\(decimal(stages.decision)) ns/frame"))
      unsafe unlink(path)
    }
    return thresholds.isMet
  }
}
