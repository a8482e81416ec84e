import ArgumentParser
import Foundation
import PolicyFiles

/// The compose project, for the commands that read one.
struct ComposeOptions: ParsableArguments {
  @Option(
    name: [.customLong("compose"), .customShort("f")],
    help: ArgumentHelp("A compose file; several are merged in order, as docker compose does.", valueName: "file"))
  var composeFiles: [String] = []

  @Option(
    help: ArgumentHelp("In place of the .env beside the first compose file; several, the last wins.", valueName: "file")
  )
  var envFile: [String] = []

  /// The stack that the files describe; nil where none is named.
  func stack() throws(PolicyFileError) -> VPNStack? {
    guard !composeFiles.isEmpty else { return nil }
    return VPNStack(
      try ComposeProject.load(
        composeFiles, environment: ProcessInfo.processInfo.environment,
        environmentFiles: envFile.isEmpty ? nil : envFile))
  }

  /// Where Compose itself looks when no file is named.
  static func filesOfFolder() -> [String] {
    let bases = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
    guard let base = bases.first(where: FileSystem.exists) else { return [] }
    let stem = base.prefix { $0 != "." }
    let overrides = ["\(stem).override.yml", "\(stem).override.yaml"].first(where: FileSystem.exists)
    return [base] + (overrides.map { [$0] } ?? [])
  }
}
