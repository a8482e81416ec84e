import Foundation

/// Where the engine keeps named volumes (Docker Engine API, GET /volumes).
package enum EngineVolumes {
  /// The folders on this machine, by the names of their volumes. Empty if no engine on this machine answers: no caller
  /// depends on one.
  ///
  /// - Parameter environment: DOCKER_HOST is read from it.
  package static func places(environment: [String: String], within limit: Duration) -> [String: String] {
    guard let address = try? EngineAddress(environment: environment), case .unixSocket = address,
      let body = try? Engine(address: address).answer("/volumes", by: .now + limit),
      let listed = try? JSONDecoder().decode(Listed.self, from: Data(body))
    else { return [:] }
    let known = (listed.volumes ?? []).compactMap { volume in
      volume.place.flatMap { $0.hasPrefix("/") ? (volume.name, $0) : nil }
    }
    return Dictionary(known) { first, _ in first }
  }

  private struct Listed: Decodable {
    var volumes: [Volume]?

    enum CodingKeys: String, CodingKey { case volumes = "Volumes" }
  }

  private struct Volume: Decodable {
    var name: String
    var place: String?

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case place = "Mountpoint"
    }
  }
}
