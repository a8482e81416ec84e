import Foundation
import Transfer

/// The Docker Engine API over its unix socket, or wherever DOCKER_HOST says.
package struct DockerEngine: Sendable {
  package static let usualSocket = "/var/run/docker.sock"

  /// How the engine is called in diagnostics.
  package let name: String
  private let address: String
  private let socketPath: String?

  /// `host` is the value of DOCKER_HOST; nil or empty for the usual socket. Throws where it is of a form that is not spoken
  /// here, such as ssh.
  package init(host: String?) throws(EngineError) {
    let host = host.flatMap { $0.isEmpty ? nil : $0 } ?? "unix://\(Self.usualSocket)"
    name = host
    let parts = host.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[1].hasPrefix("//") else {
      throw EngineError(reason: "DOCKER_HOST '\(host)' is no address")
    }
    let rest = String(parts[1].dropFirst(2))
    switch parts[0] {
    case "unix":
      socketPath = rest
      address = "http://docker"
    case "tcp", "http":
      socketPath = nil
      address = "http://\(rest)"
    default:
      throw EngineError(
        reason: "DOCKER_HOST '\(host)': only unix:// and tcp:// are spoken; forward the socket, for example with ssh -L"
      )
    }
  }

  /// The path of the unix socket, if that is how the engine is reached.
  package var socket: String? { socketPath }

  package func snapshot() throws(EngineError) -> ContainerSnapshot {
    // Also those that are about to run: their addresses are there before their first packet.
    let containers = try get("/containers/json?all=1", [EngineAnswers.Container].self)
    let networks = try get("/networks", [EngineAnswers.Network].self)
    return ContainerSnapshot(containers, networks)
  }

  private func get<Answer: Decodable>(_ path: String, _ type: Answer.Type) throws(EngineError) -> Answer {
    let reply: HTTPReply
    do throws(TransferError) { reply = try HTTPTransfer.perform(request(path)) } catch {
      throw EngineError(reason: error.reason)
    }
    guard reply.status == 200 else { throw EngineError(reason: "\(path) was answered with HTTP \(reply.status)") }
    do { return try JSONDecoder().decode(type, from: Data(reply.body)) } catch {
      throw EngineError(reason: "\(path) was answered with what is no such list")
    }
  }

  /// Hands over what the engine's event stream brings, in pieces, until `onBytes` answers false or the stream ends. The
  /// stream is filtered to containers and networks.
  func events(onBytes: @escaping ([UInt8]) -> Bool) throws(EngineError) {
    // {"type":["container","network"]}
    var request = request("/events?filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%7D")
    request.limit = nil
    do throws(TransferError) {
      let status = try HTTPTransfer.stream(request, onBytes: onBytes)
      guard status == 200 else { throw TransferError(reason: "/events was answered with HTTP \(status)") }
    } catch {
      throw EngineError(reason: error.reason)
    }
  }

  private func request(_ path: String) -> HTTPRequest {
    var request = HTTPRequest(address + path)
    request.socketPath = socketPath
    request.allowsProxy = false
    return request
  }
}

/// Why the engine could not be asked.
package struct EngineError: Error, Hashable, Sendable {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}
