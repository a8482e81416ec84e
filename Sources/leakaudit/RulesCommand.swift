import ArgumentParser
import PolicyFiles
import Report
import Text

/// Lists the possible reasons of leaks, or shows one of them in full.
struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Lists the reasons for leaks in the order in which they are decided, or explains one.")

  @Option(help: ArgumentHelp("Show all of one rule, or of one reason that code decides.", valueName: "id"))
  var explain: String?

  @Option(help: ArgumentHelp("A directory of rule files to add to the shipped rules, or to replace them by id."))
  var rules: String?

  @Option(help: "text or json.")
  var format = Format.text

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  func run() throws {
    let documents = RuleDocument.all(try PolicyOptions.labelRules(rules))
    var output = StandardOutput(flushesLines: false)
    if let explain {
      guard let document = documents.first(where: { $0.id == explain }) else {
        let closest = ClosestNames.of(explain, in: documents.map(\.id)).joined(separator: ", ")
        throw Failure(
          status: .usage,
          message: "--explain '\(Formatting.safe(explain))': there is no such rule; closest are: \(closest)")
      }
      output.write(format == .json ? try JSON.pretty(document) : RuleText.whole(document, StandardOutput.layout))
    } else {
      output.write(format == .json ? try JSON.pretty(documents) : RuleText.list(documents))
    }
    output.flush()
    try output.demandDelivery("the list")
  }
}
