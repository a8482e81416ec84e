import ArgumentParser
import Audit
import Policy
import Report
import Summaries

/// Options that make output fit to be shown to strangers.
struct RedactionOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Replace public addresses and names in summaries, alerts and evidence, so that they can be posted.",
      discussion: """
        Pseudonyms stay the same within a run. Private addresses, ports, times and lengths stay, and so do the names of \
        containers, interfaces and files.
        """))
  var redact = false

  @Option(
    help: ArgumentHelp(
      "Keeps pseudonyms the same in several runs; anyone who has it can test a guess.", valueName: "text"))
  var redactKey: String?

  func validate() throws {
    if redactKey != nil, !redact { throw ValidationError("--redact-key needs --redact") }
    if redactKey == "" {
      throw ValidationError("an empty --redact-key lets anyone test a guess; use one that is hard to guess")
    }
  }

  /// `files` are those that the user named: texts mention them, and their directories are left out.
  func redactor(_ policy: TunnelPolicy, files: [String]) -> Redactor? {
    guard redact else { return nil }
    var redactor = Redactor(key: key, policy: policy)
    redactor.add(files: files)
    return redactor
  }

  /// A redactor for saved summaries that are shown together: what one policy knows applies to all.
  func redactor(_ summaries: [Summary], files: [String]) -> Redactor? {
    guard redact, let first = summaries.first else { return nil }
    let policy = summaries.dropFirst().reduce(first.policy) { $0.merged(with: $1.policy) }
    var redactor = Redactor(key: key, policy: policy)
    redactor.add(files: files)
    for summary in summaries { redactor.learn(summary) }
    return redactor
  }

  private var key: [UInt8] {
    redactKey.map { Array($0.utf8) } ?? (0..<32).map { _ in UInt8.random(in: .min ... .max) }
  }
}
