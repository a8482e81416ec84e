/// What an audit asks of the heap for so many frames more: the difference between captures of which one is twice as long.
///
/// It is the whole program that is counted: what it allocates once does not matter, and what it allocates while it merges
/// files does. Of all formats CSV alone says nothing of when frames came, so its length is that of the leaks.
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
