import ComposeFiles
import Testing
import TextFiles

/// Compose files in memory, by path.
struct ComposeTexts {
  var files: [String: String]
  var environment: [String: String] = [:]

  init(_ files: [String: String], environment: [String: String] = [:]) {
    self.files = files
    self.environment = environment
  }

  /// One file, named c.yaml.
  init(_ text: String, environment: [String: String] = [:]) {
    self.init(["c.yaml": text], environment: environment)
  }

  func load(
    _ paths: [String] = ["c.yaml"], environmentFiles: [String]? = nil
  ) throws(PolicyFileError) -> ComposeProject {
    let files = files
    return try ComposeProject.load(
      paths, environment: environment, environmentFiles: environmentFiles, currentFolder: "/srv/stack"
    ) { path throws(PolicyFileProblem) in files[path].map { Array($0.utf8) } }
  }

  /// What makes the files unusable, a line each.
  func problems(_ paths: [String] = ["c.yaml"]) -> [String] {
    do {
      _ = try load(paths)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }
}

extension ComposeProject {
  /// The service, which must exist.
  func the(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> ComposeService {
    try #require(service(name), sourceLocation: sourceLocation)
  }
}

/// A service `s` with the lines given, from the third line of the file on.
func service(_ lines: String) -> String {
  "services:\n  s:\n" + lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
}

extension Located where Value == String {
  /// `value@file:line`.
  var shown: String { "\(value)@\(place)" }
}
