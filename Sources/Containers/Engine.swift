import Foundation
import Transfer
import Wire

/// Docker's engine, asked over HTTP (https://docs.docker.com/reference/api/engine/). All but `output` only reads.
package struct Engine: Sendable {
  let address: EngineAddress
  /// Opens connections to its socket; nil if this process may do so itself.
  var connections: EngineConnections?

  /// Why the engine could not be read. The reason completes a sentence that names the engine.
  package struct Problem: Error {
    package let reason: String
  }

  /// What runs, and the names of all containers by their short ids: events also mention containers that do not run yet
  /// or any more.
  ///
  /// - Parameter end: when the answer must be there.
  func state(by end: ContinuousClock.Instant) throws(Problem) -> (ContainerSnapshot, names: [String: String]) {
    let containers: [ListedContainer] = try list("/containers/json?all=1", by: end)
    let networks: [ListedNetwork] = try list("/networks", by: end)
    let names = Dictionary(containers.map { (shortID($0.id), $0.name) }) { first, _ in first }
    return (ContainerSnapshot(containers.filter(\.isRunning), networks), names)
  }

  func list<Element: Decodable>(
    _ path: String, by end: ContinuousClock.Instant
  ) throws(Problem) -> [Element] {
    let body = try answer(path, by: end)
    do { return try JSONDecoder().decode([Element].self, from: Data(body)) } catch {
      throw Problem(reason: "its answer for \(path) is not what Docker's engine says")
    }
  }

  /// The body of the engine's answer.
  func answer(_ path: String, by end: ContinuousClock.Instant) throws(Problem) -> [UInt8] {
    var request = try request(path)
    let limit = max(end - .now, .milliseconds(1))
    request.limit = limit
    request.connectLimit = limit
    let reply: HTTPReply
    do throws(TransferError) { reply = try HTTPTransfer.perform(request) } catch {
      throw Problem(reason: error.reason)
    }
    guard reply.status == 200 else { throw Problem(reason: "HTTP \(reply.status) for \(path)") }
    return reply.body
  }

  /// Follows what happens to containers and networks, until `onBytes` returns false or the engine ends the stream.
  ///
  /// - Parameter start: events since then are included.
  func follow(
    since start: Timestamp, onStart: @escaping () -> Void, onBytes: @escaping ([UInt8]) -> Bool
  ) throws(Problem) {
    let events = ContainerEvent.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
    let filters = #"{"type":["container","network"],"event":[\#(events)]}"#
    var request = try request("/events?since=\(Self.seconds(start))&filters=\(Self.escaped(filters))")
    request.limit = nil
    request.connectLimit = .seconds(5)
    let status: Int
    do throws(TransferError) {
      status = try HTTPTransfer.stream(request) { status in
        if status == 200 { onStart() }
      } onBytes: { bytes in
        onBytes(bytes)
      }
    } catch { throw Problem(reason: error.reason) }
    guard status == 200 else { throw Problem(reason: "HTTP \(status) for /events") }
  }

  func request(_ path: String) throws(Problem) -> HTTPRequest {
    switch address {
    case .unixSocket(let socket):
      var request = HTTPRequest("http://docker\(path)")
      if let connections { request.connection = try connections.open() } else { request.socketPath = socket }
      return request
    case .host(let host): return HTTPRequest("http://\(host)\(path)")
    }
  }

  /// Seconds and nanoseconds since the epoch, with a point between them. Times before the epoch become 0; no engine is
  /// that old.
  static func seconds(_ time: Timestamp) -> String {
    let (seconds, rest) = max(0, time.nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(rest)
    return "\(seconds).\(String(repeating: "0", count: 9 - digits.count))\(digits)"
  }

  private static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
