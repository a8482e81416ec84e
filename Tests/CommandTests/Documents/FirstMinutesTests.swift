import Testing

/// The commands of Examples/first-five-minutes.md. What needs a stack that runs is in `ExampleStackTests`.
@Suite struct FirstMinutesTests {
  private static func lines() throws -> [Substring] {
    try ProjectText.read("Examples/first-five-minutes.md").split(separator: "\n")
  }

  /// The only command that begins so.
  private static func command(_ start: String) throws -> String {
    let found = try lines().filter { $0.hasPrefix(start) }
    try #require(found.count == 1, "\(start): \(found)")
    return String(found[0]).replacing("leakaudit ", with: "\"$leakaudit\" ", maxReplacements: 1)
  }

  @Test func `each conclusion is what its capture gives, with the status of the table`() throws {
    let table = try Self.lines().compactMap { $0.wholeMatch(of: /\| `([A-Z]+)` \| ([0-9]) \| .*/)?.output }
    #expect(table.map(\.1) == ["CLEAN", "LEAKS", "INCOMPLETE"])
    let starts = ["leakaudit replay captures/healthy", "leakaudit replay captures/malformed", "head -c"]
    for (row, start) in zip(table, starts) {
      let result = try Command.shell(Self.command(start))
      #expect(Int32(row.2) == result.status && result.output.hasPrefix("\(row.1): "), "\(result.output)")
    }
  }

  @Test func `the options are taken`() throws {
    let watch = try Command.shell(Self.command("leakaudit watch") + " --list-interfaces")
    #expect(watch.status == 0 && watch.output.contains("lo"), "\(watch.errors)")
    let alert = try Command.shell(
      Self.command("leakaudit test-alert").replacing("https://ntfy.sh/my-topic", with: "http://127.0.0.1:1/topic"))
    #expect(alert.status == 1 && alert.output.hasPrefix("webhook http://127.0.0.1: "), "\(alert.errors)")
    // No compose file is in the root of the repository.
    #expect(try Command.shell(Self.command("leakaudit check")).status == 65)
  }
}
