import ArgumentParser
import Foundation
import PolicyFiles

/// The compose project, for the commands that read one.
struct ComposeOptions: ParsableArguments {
  @Option(
    name: [.customLong("compose"), .customShort("f")],
    help: ArgumentHelp(
      "A compose file, or - for standard input; several are merged in order, as docker compose does. A folder is a project of "
        + "its own, beside others.", valueName: "file or folder"),
    transform: StandardInput.path)
  var composeFiles: [String] = []

  @Option(
    help: ArgumentHelp("In place of the .env beside the first compose file; several, the last wins.", valueName: "file")
  )
  var envFile: [String] = []

  /// The stack that the files describe; nil where none is named.
  func stack() throws(PolicyFileError) -> VPNStack? {
    guard !composeFiles.isEmpty else { return nil }
    return VPNStack(
      try ComposeProject.loadSeveral(
        composeFiles, environment: ProcessInfo.processInfo.environment, environmentFiles: environmentFiles))
  }

  /// The stack of files that are one project, whatever their folders.
  func stack(ofProject files: [String]) throws(PolicyFileError) -> VPNStack {
    VPNStack(
      try ComposeProject.load(
        files, environment: ProcessInfo.processInfo.environment, environmentFiles: environmentFiles))
  }

  private var environmentFiles: [String]? { envFile.isEmpty ? nil : envFile }

  /// The files that Compose itself would take where none is named.
  func filesOfFolder() throws(PolicyFileError) -> [String] {
    try ComposeProject.usualFiles(
      environment: ProcessInfo.processInfo.environment, environmentFiles: environmentFiles)
  }
}
