/// How much heap an audit allocates per frame: the difference between two captures, one twice as long as the other.
///
/// The whole program is counted: what it allocates once does not matter, and what it allocates while it merges
/// files does. CSV is used because only it shows no times of frames, so its length depends on the leaks alone.
enum Allocations {
  static var frames: Int { 100_000 }

  /// How often `leakaudit` asks for memory, from its start to its end.
  static func count(_ comparison: Comparison, binaries: String, directory: borrowing TemporaryDirectory)
    throws(Failure) -> Int
  {
    let result = directory.file("allocations")
    let line =
      ["env", "LD_PRELOAD=\(binaries)/libmalloc-counter.so", "MALLOC_COUNT=\(result)", "SWIFT_DETERMINISTIC_HASHING=1"]
      + comparison.auditLine(format: "csv")
    _ = try Program.run(line, output: directory.file("output"))
    guard let count = Int(text(result).dropLast()) else {
      throw Failure(
        status: 69, message: "\(binaries)/libmalloc-counter.so counts nothing; Tests/Benchmarks/run makes it")
    }
    return count
  }
}
