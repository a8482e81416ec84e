import Testing

@testable import TestNeeds

/// What a run reports about skipped tests, and when it may skip any.
@Suite struct SkipsTests {
  @Test func `counts skipped tests and each of their needs`() {
    var count = Skips.Count()
    #expect(count.line == nil)
    count.add(["root"])
    #expect(count.line == "skipped 1 test: 1 need root. Tests/run runs all.")
    count.add(["tshark", "root", "root"])
    count.add(["Spark"])
    #expect(
      count.line == "skipped 3 tests: 2 need root, 1 need Spark, 1 need tshark (some need several). Tests/run runs all."
    )
  }

  @Test(arguments: [
    ([:], false), (["CI": "true"], true), (["CI": "false"], false), (["LEAKAUDIT_TESTS": "all"], true),
    (["LEAKAUDIT_TESTS": "al"], true), (["LEAKAUDIT_TESTS": ""], false),
    (["LEAKAUDIT_TESTS": "all", "CI": "false"], true),
  ])
  func `skips nothing if all tests are required`(environment: [String: String], demandsAll: Bool) {
    #expect(Skips.demandsAll(environment) == demandsAll)
  }

  @Test func `an unmet need says what is missing`() {
    let need = Need("two programs", programs: ["sh", "no-such-program-here"])
    #expect(need.missing == ["no-such-program-here"])
    #expect(Need("a shell", programs: ["sh"]).missing.isEmpty)
  }
}
