import ComposeFiles
import Foundation
import Text

/// Docker Compose on the island, with the stack's own files.
struct TwinCompose {
  private let island: Island
  private let program: [String]
  private let options: [String]
  private let folder: String

  /// - Parameters:
  ///   - files: the compose files, in their order, as whole paths.
  ///   - environmentFiles: in the place of the `.env` beside the first one.
  init(_ island: Island, project: String, files: [String], environmentFiles: [String]) throws(DrillProblem) {
    self.island = island
    folder = URL(filePath: files.first ?? "/").deletingLastPathComponent().path
    if try island.run(["docker", "compose", "version"]).succeeded {
      program = ["docker", "compose"]
    } else if try island.run(["docker-compose", "version"]).succeeded {
      program = ["docker-compose"]
    } else {
      throw DrillProblem(.missing, "a drill needs docker compose: install its plugin (docker-compose-plugin)")
    }
    options =
      ["--project-name", project] + files.flatMap { ["--file", $0] }
      + environmentFiles.suffix(1).flatMap { ["--env-file", $0] }
  }

  @discardableResult
  func run(_ words: [String]) throws(DrillProblem) -> String {
    try island.demand(
      "docker compose \(words.first ?? "")", ["env", "-C", folder] + program + options + words, within: .seconds(180))
  }

  /// Makes what the project expects to be there, as this machine's engine has it: its external networks. Volumes that
  /// are named are made, too, empty: which of them are external, their names do not tell.
  func makeExternals(of plan: TwinPlan) throws(DrillProblem) {
    for network in plan.project.networks where network.isExternal {
      var options = ["--driver", "bridge"]
      for subnet in try TwinEngine.subnets(ofNetwork: network.name) { options += ["--subnet", subnet] }
      if options.contains(where: { $0.contains(":") }) { options.append("--ipv6") }
      try island.demand(
        "the network \(Formatting.safe(network.name))", ["docker", "network", "create"] + options + [network.name])
    }
    for volume in plan.emptyVolumes {
      try island.demand("the volume \(Formatting.safe(volume))", ["docker", "volume", "create", volume])
    }
  }

  /// Makes containers of these services, and starts none.
  func make(_ services: [String]) throws(DrillProblem) {
    try run(["up", "--no-start", "--no-deps", "--no-build"] + services)
  }

  /// Makes and starts containers of these services, whatever they depend on.
  func up(_ services: [String], recreating: Bool = false) throws(DrillProblem) {
    try run(
      ["up", "--detach", "--no-deps", "--no-build"] + (recreating ? ["--force-recreate"] : []) + services)
  }

  /// The same, each when what it depends on is as it says.
  func upInOrder(_ services: [String]) throws(DrillProblem) { try run(["up", "--detach", "--no-build"] + services) }
}
