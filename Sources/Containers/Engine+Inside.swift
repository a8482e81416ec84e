import Foundation
import Transfer

/// What a running container says about itself: the output of one of its programs, and its log. Running a program enters
/// the container, so callers do it only on request.
extension Engine {
  private static let mostBytes = 1 << 20

  /// - Parameter environment: DOCKER_HOST is read from it.
  package init(environment: [String: String]) throws(Problem) {
    do throws(EngineAddress.Problem) { self.init(address: try EngineAddress(environment: environment)) } catch {
      throw Problem(reason: error.description)
    }
  }

  /// Runs a program in the container and returns its standard output (POST /containers/{id}/exec,
  /// POST /exec/{id}/start). Throws if the program is not there or fails.
  package func output(of words: [String], in container: String, within limit: Duration) throws(Problem) -> String {
    let end = ContinuousClock.now + limit
    let program = words.first ?? ""
    let made = try post(
      "/containers/\(container)/exec", Call(attachStdout: true, attachStderr: true, words: words), by: end)
    guard let id = try? JSONDecoder().decode(Made.self, from: Data(made)).id else {
      throw Problem(reason: "its answer for \(program) is not what Docker's engine says")
    }
    let printed = try post("/exec/\(id)/start", Start(detach: false, terminal: false), by: end)
    let state = try? JSONDecoder().decode(State.self, from: Data(answer("/exec/\(id)/json", by: end)))
    guard let status = state?.status, status == 0 else {
      throw Problem(reason: state?.status.map { "\(program) ends with status \($0)" } ?? "\(program) does not end")
    }
    return EngineStream.text(printed, kind: 1)
  }

  /// The last lines that the container has printed (GET /containers/{id}/logs).
  package func log(of container: String, lines: Int, within limit: Duration) throws(Problem) -> String {
    let path = "/containers/\(container)/logs?stdout=1&stderr=1&tail=\(lines)"
    return EngineStream.text(try answer(path, by: .now + limit), kind: nil)
  }

  private func post(_ path: String, _ body: some Encodable, by end: ContinuousClock.Instant) throws(Problem) -> [UInt8]
  {
    var request = try self.request(path)
    request.method = "POST"
    request.fields = [("Content-Type", "application/json")]
    request.body = (try? JSONEncoder().encode(body)).map(Array.init) ?? []
    request.bodyLimit = Self.mostBytes
    let limit = max(end - .now, .milliseconds(1))
    (request.limit, request.connectLimit) = (limit, limit)
    let reply: HTTPReply
    do throws(TransferError) { reply = try HTTPTransfer.perform(request) } catch { throw Problem(reason: error.reason) }
    guard (200...201).contains(reply.status) else {
      throw Problem(reason: "HTTP \(reply.status) for \(path.prefix { $0 != "?" })")
    }
    return reply.body
  }

  private struct Call: Encodable {
    var attachStdout: Bool
    var attachStderr: Bool
    var words: [String]

    enum CodingKeys: String, CodingKey {
      case attachStdout = "AttachStdout"
      case attachStderr = "AttachStderr"
      case words = "Cmd"
    }
  }

  private struct Start: Encodable {
    var detach: Bool
    var terminal: Bool

    enum CodingKeys: String, CodingKey {
      case detach = "Detach"
      case terminal = "Tty"
    }
  }

  private struct Made: Decodable {
    var id: String

    enum CodingKeys: String, CodingKey { case id = "Id" }
  }

  private struct State: Decodable {
    var status: Int?

    enum CodingKeys: String, CodingKey { case status = "ExitCode" }
  }
}
