import Foundation

/// What the engine says about each of its containers, their images, and its networks: the unparsed answers, for other
/// code to read (Docker Engine API, GET /containers/{id}/json, /images/{id}/json, /networks).
package struct EngineInspection: Sendable {
  package private(set) var containers: [[UInt8]] = []
  /// By id.
  package private(set) var images: [String: [UInt8]] = [:]
  package private(set) var networks: [UInt8] = []
  /// Whether the paths in the answers are on this machine.
  package let isOfThisMachine: Bool
  /// The engine's name in messages.
  package let address: String

  /// More containers than anybody runs on a machine.
  private static let mostContainers = 1024

  /// Reads everything from the engine, without changing anything.
  ///
  /// - Parameter environment: DOCKER_HOST is read from it.
  package init(environment: [String: String], within limit: Duration) throws(Engine.Problem) {
    let end = ContinuousClock.now + limit
    let address: EngineAddress
    do throws(EngineAddress.Problem) { address = try EngineAddress(environment: environment) } catch {
      throw Engine.Problem(reason: error.description)
    }
    self.address = address.description
    if case .unixSocket = address { isOfThisMachine = true } else { isOfThisMachine = false }
    let engine = Engine(address: address)
    let listed: [ListedID]
    do throws(Engine.Problem) {
      listed = try engine.list("/containers/json?all=1", by: end)
      networks = try engine.answer("/networks", by: end)
    } catch { throw Engine.Problem(reason: "Docker's engine at \(address): \(error.reason)") }
    guard listed.count <= Self.mostContainers else {
      throw Engine.Problem(reason: "Docker's engine at \(address) has more than \(Self.mostContainers) containers")
    }
    for container in listed {
      // A container that has gone meanwhile is no loss.
      guard let answer = try? engine.answer("/containers/\(container.id)/json", by: end) else { continue }
      containers.append(answer)
      guard let image = container.image, images[image] == nil else { continue }
      images[image] = try? engine.answer("/images/\(image)/json", by: end)
    }
    guard end > .now else { throw Engine.Problem(reason: "Docker's engine at \(address) takes too long to answer") }
  }

  private struct ListedID: Decodable {
    var id: String
    var image: String?

    enum CodingKeys: String, CodingKey {
      case id = "Id"
      case image = "ImageID"
    }
  }
}
