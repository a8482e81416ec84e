// The static standard library of a release build has no Swift Testing; there this module is empty.
#if canImport(Testing)
import Foundation
import Glibc
import Synchronization
import Testing

/// The tests that did not run, and what they lack. One line at the end of the run counts them.
public enum Skips {
  /// Whether skipping is forbidden, as in `Tests/run` and CI. A missing need then fails the test.
  public static let areFailures = demandsAll(ProcessInfo.processInfo.environment)

  /// Any value of the variable means all: a typing error must not skip a test.
  static func demandsAll(_ environment: [String: String]) -> Bool {
    environment["CI"] == "true" || environment["LEAKAUDIT_TESTS"].map { !$0.isEmpty } ?? false
  }

  struct Count: Sendable {
    private(set) var tests = 0
    private(set) var byNeed: [String: Int] = [:]

    mutating func add(_ needs: [String]) {
      tests += 1
      for need in Set(needs) { byNeed[need, default: 0] += 1 }
    }

    /// Nil where nothing was skipped.
    var line: String? {
      guard tests > 0 else { return nil }
      let parts = byNeed.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) need \($0.key)" }
      let several = byNeed.values.reduce(0, +) > tests ? " (some need several)" : ""
      let subject = tests == 1 ? "1 test" : "\(tests) tests"
      return "skipped \(subject): \(parts.joined(separator: ", "))\(several). Tests/run runs all."
    }
  }

  private static let count = Mutex(Count())

  /// Printed when the process ends, after the output of Swift Testing.
  private static let printsAtTheEnd: Bool =
    atexit {
      guard let line = Skips.count.withLock({ $0.line }) else { return }
      FileHandle.standardError.write(Data("\(line)\n".utf8))
    } == 0

  static func add(_ needs: [String]) {
    count.withLock { $0.add(needs) }
    guard printsAtTheEnd else { fatalError("the end of the run cannot be waited for: atexit") }
  }

  /// Skips the running test for a need that shows only when tried. Fails it if skipping is forbidden.
  public static func cancel(lacking need: String, _ words: String) throws -> Never {
    guard !areFailures else { throw Lack(words: words) }
    add([need])
    try Test.cancel("\(words)")
  }
}

/// A required need that is not met.
struct Lack: Error, CustomStringConvertible {
  let words: String
  var description: String { words }
}
#endif
