package import TextFiles
import Wire

/// A project as Docker Compose understands its files: merged, interpolated, with defaults filled in (compose-spec.io).
/// For every service, it has what says where its packets go and what may change that.
package struct ComposeProject: Sendable {
  /// `COMPOSE_PROJECT_NAME`, else `name:`, else the name of the first file's folder, in Compose's letters.
  package internal(set) var name: String
  /// The names of the projects that were joined to it, each with containers and networks of its own.
  package internal(set) var otherNames: [String] = []
  /// Its own files, in the order in which they were laid over each other, then those of the projects joined to it.
  package internal(set) var files: [String] = []
  /// Every service, whether its profile is active or not, in the order of the files.
  package internal(set) var services: [ComposeService] = []
  /// Every network, including `default` if a service is attached to it.
  package internal(set) var networks: [ComposeNetwork] = []
  /// What Compose would warn about, or what this reader leaves out, in the order in which it was found.
  package internal(set) var warnings: [PolicyFileProblem] = []

  /// The parts of the project that are not on this machine, so that nothing is known about them.
  package internal(set) var leftOut: [PolicyFileProblem] = []

  /// The names of all projects in it.
  package var names: [String] { [name] + otherNames }

  /// Docker's name for the service's container. Compose numbers it if the file gives no name.
  package func containerName(_ service: ComposeService) -> String {
    service.containerName?.value ?? "\(names[service.project])-\(service.ownName ?? service.name)-1"
  }

  package func service(_ name: String) -> ComposeService? { services.first { $0.name == name } }
  package func network(_ key: String) -> ComposeNetwork? { networks.first { $0.key == key } }
}
