import Foundation
package import TextFiles

extension ComposeProject {
  /// The files that Compose uses if none is named: those of `COMPOSE_FILE`, from the environment or from `.env`, else
  /// those with the usual names in this folder, or in the nearest one above it (docs.docker.com, "Pre-defined
  /// environment variables"; compose-go, options.go). Empty if there are none.
  package static func usualFiles(
    environment: [String: String], environmentFiles: [String]? = nil
  ) throws(PolicyFileError) -> [String] {
    var variables = environment
    if environmentFiles != nil || ComposeScalar.flag(environment["COMPOSE_DISABLE_ENV_FILE"] ?? "") != true {
      var reading = ComposeReading(opener: opener(given: environmentFiles ?? []))
      let files = (environmentFiles ?? [".env"]).map { (path: $0, place: SourcePlace?.none) }
      variables = reading.environment(files, over: variables, areRequired: environmentFiles != nil)
      guard reading.problems.isEmpty else { throw PolicyFileError(reading.problems) }
    }
    return stated(variables) ?? usualFiles(of: currentFolder)
  }

  /// The files of the project in a folder that the user names: those of `COMPOSE_FILE` in its `.env`, else those with
  /// the usual names. Throws if there are none.
  static func files(ofProjectIn folder: String) throws(PolicyFileError) -> [String] {
    var reading = ComposeReading(opener: opener(given: []))
    let variables = reading.environment([(PathText.join(folder, ".env"), nil)], over: [:], areRequired: false)
    guard reading.problems.isEmpty else { throw PolicyFileError(reading.problems) }
    let files = stated(variables)?.map { PathText.join(folder, $0) } ?? usualFiles(in: folder)
    guard !files.isEmpty else {
      throw PolicyFileError([
        PolicyFileProblem(
          file: folder,
          message: "there is no compose file in this folder (\(names.joined(separator: ", "))); name the file")
      ])
    }
    return files
  }

  /// The files that `COMPOSE_FILE` names; nil if it is not set.
  private static func stated(_ variables: [String: String]) -> [String]? {
    guard let stated = variables["COMPOSE_FILE"] else { return nil }
    let separator = variables["COMPOSE_PATH_SEPARATOR"].flatMap { $0.isEmpty ? nil : $0 } ?? ":"
    return stated.components(separatedBy: separator).filter { !$0.isEmpty }
  }

  /// Whether Compose uses a file of this name if none is named.
  static func isUsual(_ path: String) -> Bool { names.contains(path.split(separator: "/").last.map(String.init) ?? "") }

  private static let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
  private static let overrides = [
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
  ]

  /// The file with a usual name in the folder, and the one that is laid over it; empty if there is none.
  private static func usualFiles(in folder: String) -> [String] {
    func first(_ names: [String]) -> String? {
      names.map { PathText.join(folder, $0) }.first { FileManager.default.fileExists(atPath: $0) }
    }
    guard let file = first(names) else { return [] }
    return [file] + (first(overrides).map { [$0] } ?? [])
  }

  /// Bare names if they lie in the folder itself, else whole paths.
  private static func usualFiles(of folder: String) -> [String] {
    var above = folder
    while true {
      let files = usualFiles(in: above)
      if !files.isEmpty {
        return above == folder ? files.map { $0.split(separator: "/").last.map(String.init) ?? $0 } : files
      }
      guard above != "/", !above.isEmpty else { return [] }
      above = PathText.folder(of: above)
    }
  }
}
