import ArgumentParser
import Containers
import Foundation
import PolicyFiles
import Report
import Summaries
import Text
import TextFiles
import Watching

/// Prints the policy as it was understood, so that it can be checked before it is believed.
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Prints the policy as it was understood, with the origin of each statement.")

  @OptionGroup var options: PolicyOptions

  @Flag(
    inversion: .prefixedNo, help: "Ask Docker's engine, if there is one, which containers of the compose project run.")
  var docker = true

  @Flag(
    help: "Run wg in the running gateway to get the Endpoint (never a key), or read it from gluetun's log.")
  var askGateway = false

  @Option(help: "text or json.")
  var format = Format.text

  @OptionGroup var settings: SettingsOptions

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  func run() throws {
    var understood = try options.understand(asksEngine: docker, asksGateway: askGateway)
    var policy = understood.policy
    if docker, let stack = understood.stack,
      let running = ContainerSnapshot.now(environment: ProcessInfo.processInfo.environment, within: .seconds(2))
    {
      RunningStack.complete(&policy, stack, running)
      RunningStack.readLists(&policy, &understood.problems, stack, running)
    }
    for problem in understood.problems { StandardError.line(problem.description) }
    let document = PolicyDocument(policy)
    var output = StandardOutput(flushesLines: false)
    output.write(format == .json ? try JSON.pretty(document) : document.text)
    output.flush()
    try output.demandDelivery("the policy")
  }
}
