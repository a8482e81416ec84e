import Audit
import Dispatch
import Policy
import Report
import Synchronization
import Wire

/// Each file as an audit by itself, on all cores at once.
struct SeparateReplays {
  let paths: [String]
  let skipUnsupported: Bool
  let interruption: Interruption

  struct Audited: Sendable {
    var path: String
    var summary: AuditSummary
    var refusal: ExitStatus?
  }

  /// The endpoints that handshakes in any of the files prove.
  func provenEndpoints(_ policy: TunnelPolicy) throws -> [Stated<TunnelEndpoint>] {
    try onAllCores { path in
      try replay(path).provenEndpoints(policy)
    }
    .joined()
    .reduce(into: []) { known, found in
      if !known.contains(where: { $0.value.endpoint == found.value.endpoint }) { known.append(found) }
    }
  }

  /// Opens every file before any is audited: one that is no capture is a mistake in the command.
  func audit(
    _ policy: TunnelPolicy, infersEndpoints: Bool, _ rules: ConclusionRules
  ) throws -> [Audited] {
    for path in paths { _ = try replay(path).open() }
    return try onAllCores { path in
      let replay = replay(path)
      var auditor = Auditor(policy, infersEndpoints: infersEndpoints)
      let outcome = replay.audit(try replay.open(), &auditor)
      if let endpoint = auditor.unansweredEndpoints.first { throw Failure(unanswered: endpoint, in: path) }
      var rules = rules
      rules.gaps = outcome.incomplete.map { Gap($0, .lost) }
      rules.notices += outcome.notices
      return Audited(path: path, summary: auditor.summary(rules), refusal: outcome.refusal)
    }
  }

  /// What can be read once only is no archive: each file is read twice, or three times.
  func demandFiles() throws {
    for path in paths where FileSystem.exists(path) && !FileSystem.isRegularFile(path) {
      throw Failure(
        status: .usage, message: "\(path): --each reads files more than once, and this is none; leave out --each")
    }
  }

  private func replay(_ path: String) -> Replay {
    Replay(
      paths: [path], follow: false, skipUnsupported: skipUnsupported, interruption: interruption, showsProgress: false)
  }

  /// In the order of the paths. Throws what the first of them throws.
  private func onAllCores<Value: Sendable>(_ body: @Sendable (String) throws -> Value) throws -> [Value] {
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let result = Result { try body(paths[index]) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { results in try paths.indices.compactMap { try results[$0]?.get() } }
  }
}

extension Failure {
  /// An Endpoint by name whose address nothing tells: tunnel and leak cannot be told apart.
  init(unanswered endpoint: Stated<NamedEndpoint>, in path: String? = nil) {
    let name = endpoint.value.name
    self.init(
      status: .usage,
      message:
        "\(endpoint.origin): no DNS answer in \(path ?? "the capture") gives the address of the Endpoint \(name), so "
        + "tunnel and leak cannot be told apart; state it with --resolve \(name)=ADDRESS")
  }
}
