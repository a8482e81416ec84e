import Foundation
package import TextFiles

extension ComposeProject {
  /// Reads a project from its files, each laid over the one before it, as `docker compose -f a -f b` does.
  ///
  /// `files` are paths as the user gave them; relative paths in them start at the first one's folder. `environment` is
  /// the process's, and wins over the `environmentFiles` (`--env-file`). If these are nil, the `.env` beside the first
  /// file counts, if there is one. Throws everything that Compose itself refuses.
  package static func load(
    _ files: [String], environment: [String: String], environmentFiles: [String]? = nil
  ) throws(PolicyFileError) -> ComposeProject {
    try load(
      files, environment: environment, environmentFiles: environmentFiles, currentFolder: currentFolder,
      opener: opener(given: files + (environmentFiles ?? [])))
  }

  /// Reads from disk. The user may give a pipe. A pipe that a file names is refused: reading it could wait forever.
  static func opener(given: [String]) -> ComposeReading.Opener {
    { path throws(PolicyFileProblem) in
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      guard given.contains(path) || TextFile.isOrdinary(path) else {
        throw PolicyFileProblem(file: path, message: "this is not a regular file; copy it into one")
      }
      return try TextFile.bytes(of: path)
    }
  }

  static var currentFolder: String { FileManager.default.currentDirectoryPath }

  /// The same with files from anywhere. `currentFolder` names the project if the first file is a bare name.
  package static func load(
    _ files: [String], environment: [String: String], environmentFiles: [String]? = nil, currentFolder: String,
    opener: @escaping (String) throws(PolicyFileProblem) -> [UInt8]?
  ) throws(PolicyFileError) -> ComposeProject {
    guard let first = files.first else {
      throw PolicyFileError([PolicyFileProblem(file: "", message: "no Compose file is given; name one")])
    }
    var reading = ComposeReading(opener: opener)
    // Standard input has no folder of its own (docker compose -f -).
    let folder = first == StandardInput.path ? "" : PathText.folder(of: first)
    var variables = environment
    if let environmentFiles {
      variables = reading.environment(
        environmentFiles.map { ($0, nil) }, over: variables, areRequired: true)
    } else if ComposeScalar.flag(environment["COMPOSE_DISABLE_ENV_FILE"] ?? "") != true {
      variables = reading.environment(
        [(PathText.join(folder, ".env"), nil)], over: variables, areRequired: false)
    }
    let name = ComposeProjectName(variables: variables, folder: PathText.join(currentFolder, folder))
    variables["COMPOSE_PROJECT_NAME"] = name.beforeFiles
    reading.scopes.append(.init(folder: folder, environment: variables, takesName: !name.isGiven))
    let model = reading.model(of: files, scope: 0)
    var project = ComposeProject(name: name.resolved(stated: model["name"], &reading))
    for entry in model["services"]?.mapping?.entries ?? [] where !reading.isOver {
      project.services.append(reading.service(entry, in: model))
    }
    project.networks = reading.networks(in: model, project: project.name, services: project.services)
    project.nameVolumes(model)
    reading.checkReferences(project.services, model)
    if project.services.isEmpty, reading.problems.isEmpty {
      reading.report("it defines no service; is it the right file?", at: SourcePlace(first))
    }
    if project.name.isEmpty, reading.problems.isEmpty {
      reading.report("its folder gives the project no name; state one with 'name:'", at: SourcePlace(first))
    }
    project.warnings = reading.warnings
    project.files = files
    project.leftOut = reading.leftOut
    guard reading.problems.isEmpty else { throw PolicyFileError(reading.problems) }
    return project
  }

  /// The volume's `name:`, an external volume's own, or the project's name, `_` and the key (compose-spec, volumes).
  private mutating func nameVolumes(_ model: ComposeMapping) {
    for service in services.indices {
      for index in services[service].mounts.indices {
        guard case .volume(let key?) = services[service].mounts[index].kind else { continue }
        let stated = model["volumes"]?.mapping?[key]?.mapping
        let external = stated?["external"]
        let isExternal = external?.mapping != nil || external?.scalar.flatMap(ComposeScalar.flag) == true
        services[service].mounts[index].volumeName =
          stated?["name"]?.scalar ?? external?.mapping?["name"]?.scalar ?? (isExternal ? key : "\(name)_\(key)")
      }
    }
  }
}
