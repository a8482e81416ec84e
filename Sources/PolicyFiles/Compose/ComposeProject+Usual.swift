import Foundation

extension ComposeProject {
  /// The files that Compose takes where none is named: those of `COMPOSE_FILE`, from the environment or from `.env`, else those
  /// of the usual names in this folder, or in the nearest one above it (docs.docker.com, "Pre-defined environment variables";
  /// compose-go, options.go). Empty where there are none.
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
    if let stated = variables["COMPOSE_FILE"] {
      let separator = variables["COMPOSE_PATH_SEPARATOR"].flatMap { $0.isEmpty ? nil : $0 } ?? ":"
      return stated.components(separatedBy: separator).filter { !$0.isEmpty }
    }
    return usualFiles(of: currentFolder)
  }

  private static let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
  private static let overrides = [
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
  ]

  /// Names alone where they lie in the folder itself, else whole paths.
  private static func usualFiles(of folder: String) -> [String] {
    var above = folder
    while true {
      func first(_ names: [String]) -> String? {
        names.first { FileManager.default.fileExists(atPath: ComposePath.join(above, $0)) }
      }
      if let name = first(names) {
        let files = [name] + (first(overrides).map { [$0] } ?? [])
        return above == folder ? files : files.map { ComposePath.join(above, $0) }
      }
      guard above != "/", !above.isEmpty else { return [] }
      above = ComposePath.folder(of: above)
    }
  }
}
