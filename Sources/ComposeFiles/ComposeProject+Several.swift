package import TextFiles

extension ComposeProject {
  /// Reads what a user names: folders, each a project of its own, and files, which are laid over each other as in
  /// Compose.
  ///
  /// A file is hardly meant as a layer if it has a usual name, lies in another folder than the first one, shares no
  /// service with it and means something by itself. It becomes a project of its own, and a warning says so.
  /// `environmentFiles` are the first project's; the others have the `.env` beside them.
  package static func loadSeveral(
    _ paths: [String], environment: [String: String], environmentFiles: [String]? = nil
  ) throws(PolicyFileError) -> ComposeProject {
    var groups = Groups(environment: environment, environmentFiles: environmentFiles)
    for path in paths { try groups.add(path) }
    var projects: [ComposeProject] = []
    for index in groups.list.indices { projects.append(try groups.load(index)) }
    guard let all = joined(projects) else {
      // This throws the error that no file is given.
      return try load(paths, environment: environment, environmentFiles: environmentFiles)
    }
    return all
  }

  /// The paths that the user names, grouped by project.
  private struct Groups {
    struct Group {
      var files: [String]
      var isFolder: Bool
      var notes: [PolicyFileProblem] = []
    }

    let environment: [String: String]
    let environmentFiles: [String]?
    var list: [Group] = []

    init(environment: [String: String], environmentFiles: [String]?) {
      self.environment = environment
      self.environmentFiles = environmentFiles
    }

    mutating func add(_ path: String) throws(PolicyFileError) {
      if path != StandardInput.path, TextFile.kind(of: path) == .directory {
        list.append(Group(files: try files(ofProjectIn: path), isFolder: true))
        return
      }
      let folder = PathText.folder(of: path)
      let own = list.firstIndex { !$0.isFolder && $0.files.first.map(PathText.folder) == folder }
      guard let first = list.firstIndex(where: { !$0.isFolder }) else {
        list.append(Group(files: [path], isFolder: false))
        return
      }
      if own == nil, let note = try apart(path, from: first) {
        list.append(Group(files: [path], isFolder: false, notes: [note]))
      } else {
        list[own ?? first].files.append(path)
      }
    }

    /// The warning that a file is a project of its own; nil if it is a layer over the others.
    private func apart(_ path: String, from group: Int) throws(PolicyFileError) -> PolicyFileProblem? {
      // A pipe can be read only once.
      guard isUsual(path), (list[group].files + (environmentFiles ?? []) + [path]).allSatisfy(TextFile.isOrdinary),
        let first = list[group].files.first, let one = try? load(group), let other = try? load([path], isFirst: false)
      else { return nil }
      let known = Set(one.services.map(\.name))
      guard other.services.allSatisfy({ !known.contains($0.name) }) else { return nil }
      return PolicyFileProblem(
        file: path,
        message:
          "it is treated as a separate project: it is in another folder than \(PathText.shown(first)), and has no "
          + "service in common with it; give the folder with -f to say so")
    }

    func load(_ index: Int) throws(PolicyFileError) -> ComposeProject {
      var project = try load(list[index].files, isFirst: index == 0)
      project.warnings = list[index].notes + project.warnings
      return project
    }

    private func load(_ files: [String], isFirst: Bool) throws(PolicyFileError) -> ComposeProject {
      var environment = environment
      // The variable names a single project.
      if !isFirst { environment["COMPOSE_PROJECT_NAME"] = nil }
      return try ComposeProject.load(
        files, environment: environment, environmentFiles: isFirst ? environmentFiles : nil)
    }
  }
}
