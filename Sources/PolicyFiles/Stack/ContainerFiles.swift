import ComposeFiles
import TextFiles

/// The files that a service's mounts show.
struct ContainerFiles {
  let mounts: [ComposeService.Mount]
  /// What could not be read: the files in there may be anything.
  private(set) var problems: [PolicyFileProblem] = []

  init(_ service: ComposeService) { mounts = service.mounts }

  init(_ mounts: [ComposeService.Mount]) { self.mounts = mounts }

  /// Whether a mount shows the path, or would show it if it existed.
  func isMounted(_ target: String) -> Bool { mount(over: target) != nil }

  /// Whether a path of the container is in a volume whose place on this machine only the engine knows.
  func isInVolume(_ target: String) -> Bool {
    if case .volume = mount(over: target)?.kind { return true }
    return false
  }

  /// The file at a path of the container, from the mount closest to it.
  func file(at target: String) -> ContainerFile? {
    guard let mount = mount(over: target) else { return nil }
    return file(at: target, of: mount)
  }

  /// The files in a folder of the container whose names have this ending, from every mount that shows in it. They are
  /// sorted by the bytes of their names.
  mutating func files(in folder: String, ending: String = "") -> [ContainerFile] {
    var files: [ContainerFile] = []
    if let mount = mount(over: folder) { files = list(folder, of: mount, ending) }
    for mount in mounts where mount.target.hasPrefix(folder + "/") && mount.target.hasSuffix(ending) {
      guard !mount.target.dropFirst(folder.count + 1).contains("/") else { continue }
      files.removeAll { $0.target == mount.target }
      if let file = file(at: mount.target, of: mount) {
        files.append(file)
      } else if case .volume = mount.kind {
        report("\(quoted(mount.target)) is kept by the engine; mount a file that can be read", mount)
      } else if let path = Self.path(of: mount.target, through: mount), TextFile.kind(of: path) == .nothing {
        report("\(quoted(mount.target)) is mounted from \(quoted(path)), which is not there", mount)
      }
    }
    return files.sorted { $0.target.utf8.lexicographicallyPrecedes($1.target.utf8) }
  }

  private func mount(over target: String) -> ComposeService.Mount? {
    mounts
      .filter { target == $0.target || target.hasPrefix($0.target == "/" ? "/" : $0.target + "/") }
      .max { $0.target.utf8.count < $1.target.utf8.count }
  }

  /// The path on this machine behind a path of the container.
  private static func path(of target: String, through mount: ComposeService.Mount) -> String? {
    guard case .bind(let source) = mount.kind else { return nil }
    let rest = target.dropFirst(mount.target == "/" ? 0 : mount.target.count)
    return rest.isEmpty ? source : (source.hasSuffix("/") ? String(source.dropLast()) : source) + rest
  }

  private func file(at target: String, of mount: ComposeService.Mount) -> ContainerFile? {
    if case .content(let text) = mount.kind {
      guard target == mount.target else { return nil }
      return ContainerFile(target: target, source: .text(text, name: "\(mount.place.file)#\(target)"))
    }
    guard let path = Self.path(of: target, through: mount), TextFile.kind(of: path) == .file else { return nil }
    return ContainerFile(target: target, source: .path(path))
  }

  private mutating func list(_ folder: String, of mount: ComposeService.Mount, _ ending: String) -> [ContainerFile] {
    // A mount around the folder says nothing about it if the folder is not in it.
    let isMeant = mount.target == folder
    guard let path = Self.path(of: folder, through: mount) else {
      if isMeant, case .volume = mount.kind {
        report("the files of \(quoted(folder)) are in a volume of the engine; mount a folder that can be read", mount)
      }
      return []
    }
    guard isMeant || TextFile.kind(of: path) != .nothing else { return [] }
    do {
      return try TextFile.files(in: path, where: { $0.hasSuffix(ending) }).compactMap { path in
        let target = folder + "/" + (path.split(separator: "/").last ?? "")
        switch TextFile.kind(of: path) {
        case .file: return ContainerFile(target: target, source: .path(path))
        case .directory: return nil
        case .nothing:
          report("\(quoted(path)) leads nowhere on this machine; it is not known what it is in the container", mount)
          return nil
        }
      }
    } catch {
      report("\(quoted(folder)) is mounted from \(quoted(error.file)): \(error.message)", mount)
      return []
    }
  }

  private mutating func report(_ message: String, _ mount: ComposeService.Mount) {
    let problem = PolicyFileProblem(file: mount.place.file, line: mount.place.line, message: message)
    if !problems.contains(problem) { problems.append(problem) }
  }
}
