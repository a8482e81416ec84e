import ArgumentParser
import ComposeFiles
import Containers
import Foundation
import PolicyFiles
import Text
import TextFiles

/// The stack: a compose project, or containers that the engine knows.
struct ComposeOptions: ParsableArguments {
  @Option(
    name: [.customLong("compose"), .customShort("f")],
    help: ArgumentHelp(
      "A compose file, or - for standard input; several are merged in order, as docker compose does. A folder is a separate "
        + "project.", valueName: "file or folder"),
    transform: StandardInput.path)
  var composeFiles: [String] = []

  @Option(
    help: ArgumentHelp(
      "Used instead of the .env beside the first compose file; the last of several wins.", valueName: "file")
  )
  var envFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "Instead of compose files: a container of Docker's engine (DOCKER_HOST, or its usual socket) that holds the "
        + "tunnel or is behind it. The rest of its stack is found.",
      valueName: "name"))
  var container: [String] = []

  func validate() throws {
    if !container.isEmpty, !composeFiles.isEmpty {
      throw ValidationError("--container replaces --compose: give only one of them")
    }
  }

  var isEmpty: Bool { composeFiles.isEmpty && container.isEmpty }

  /// A stack, and the engine if that described it.
  struct Described {
    var stack: VPNStack
    var engine: EngineDescription?
  }

  /// The stack that the files or the engine describe; nil if none is named.
  func stack() throws -> Described? {
    if !container.isEmpty { return try runningStack() }
    guard !composeFiles.isEmpty else { return nil }
    let project = try ComposeProject.loadSeveral(
      composeFiles, environment: ProcessInfo.processInfo.environment, environmentFiles: environmentFiles)
    return Described(stack: VPNStack(project), engine: nil)
  }

  /// The stack of files that form one project, whatever their folders.
  func stack(ofProject files: [String]) throws(PolicyFileError) -> VPNStack {
    VPNStack(
      try ComposeProject.load(
        files, environment: ProcessInfo.processInfo.environment, environmentFiles: environmentFiles))
  }

  private var environmentFiles: [String]? { envFile.isEmpty ? nil : envFile }

  /// The files that Compose itself would use if none is named.
  func filesOfFolder() throws(PolicyFileError) -> [String] {
    try ComposeProject.usualFiles(
      environment: ProcessInfo.processInfo.environment, environmentFiles: environmentFiles)
  }

  // MARK: - Without files

  private func runningStack() throws -> Described {
    let engine = try Self.engine()
    let names = try container.map { text in
      if let name = engine.container(text) { return name }
      let others = engine.names.isEmpty ? "it has none" : "it has \(Self.list(engine.names))"
      throw Failure(
        status: .noInput,
        message: "--container '\(Formatting.safe(text))': Docker's engine has no such container; \(others)")
    }
    return Described(stack: VPNStack(engine.project(around: names)), engine: engine)
  }

  /// What the engine knows if the user named nothing.
  enum Found {
    /// The only container that holds a tunnel, and its stack.
    case one(Described, container: String)
    case several([String])
    /// No engine answers, or no container has a tunnel.
    case none
  }

  static func find() -> Found {
    guard let engine = try? engine() else { return .none }
    let gateways = engine.gateways
    guard let only = gateways.first else { return .none }
    guard gateways.count == 1 else { return .several(gateways) }
    return .one(Described(stack: VPNStack(engine.project(around: [only])), engine: engine), container: only)
  }

  private static func engine() throws -> EngineDescription {
    do {
      let answers = try EngineInspection(environment: ProcessInfo.processInfo.environment, within: .seconds(5))
      return try EngineDescription(
        containers: answers.containers, images: answers.images, networks: answers.networks,
        isOfThisMachine: answers.isOfThisMachine)
    } catch let problem as Engine.Problem {
      throw Failure(status: .noInput, message: "--container: \(problem.reason)")
    } catch let problem as EngineDescription.Problem {
      throw Failure(
        status: .data, message: "--container: what Docker's engine answers for \(problem.subject) cannot be read")
    }
  }

  static func list(_ names: [String]) -> String {
    let shown = names.prefix(20).map { Formatting.safe($0) }.joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }
}
