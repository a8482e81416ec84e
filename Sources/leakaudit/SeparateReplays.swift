import Audit
import Dispatch
import Policy
import Report
import Synchronization
import Wire

/// Audits each file by itself, on all cores at once.
struct SeparateReplays {
  let paths: [String]
  let skipUnsupported: Bool
  let interruption: Interruption

  struct Audited: Sendable {
    var path: String
    /// The summary, or why there is none.
    var summary: Result<AuditSummary, Failure>
    var refusal: ExitStatus?
    var names: [InterfaceNames] = []
  }

  /// The endpoints that handshakes in any of the files prove.
  func provenEndpoints(_ policy: TunnelPolicy) -> [Stated<TunnelEndpoint>] {
    // A file that is no capture is reported when it is audited.
    onAllCores { path in
      (try? replay(path).provenEndpoints(policy)) ?? []
    }
    .joined()
    .reduce(into: []) { known, found in
      if !known.contains(where: { $0.value.name == found.value.name }) { known.append(found) }
    }
  }

  /// A file that cannot be audited must not hide what the others hold: it alone is refused.
  func audit(_ policy: TunnelPolicy, infersEndpoints: Bool, _ rules: ConclusionRules) -> [Audited] {
    onAllCores { path in
      let replay = replay(path)
      var auditor = Auditor(policy, infersEndpoints: infersEndpoints)
      var rules = rules
      do {
        let outcome = replay.audit(try replay.open(), &auditor)
        if let endpoint = auditor.unansweredEndpoints.first { throw Failure(unanswered: endpoint, in: path) }
        rules.gaps = outcome.gaps
        rules.notices += outcome.notices
        return Audited(
          path: path, summary: .success(auditor.summary(rules)), refusal: outcome.refusal, names: outcome.names)
      } catch {
        let failure = error as? Failure ?? Failure(status: .data, message: "\(path): \(error)")
        return Audited(path: path, summary: .failure(failure), refusal: failure.status)
      }
    }
  }

  /// Refuses what can be read only once: each file is read twice, or three times.
  func demandFiles() throws {
    for path in paths where FileSystem.exists(path) && !FileSystem.isRegularFile(path) {
      throw Failure(
        status: .usage,
        message: "\(path): --each reads files more than once, and this is not a regular file; leave out --each")
    }
  }

  private func replay(_ path: String) -> Replay {
    Replay(
      paths: [path], follow: false, skipUnsupported: skipUnsupported, interruption: interruption, showsProgress: false)
  }

  /// Returns the results in the order of the paths.
  private func onAllCores<Value: Sendable>(_ body: @Sendable (String) -> Value) -> [Value] {
    let results = Mutex<[Int: Value]>([:])
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let result = body(paths[index])
      results.withLock { $0[index] = result }
    }
    return results.withLock { results in paths.indices.compactMap { results[$0] } }
  }
}

extension Failure {
  /// The failure for a named Endpoint whose address is not known: tunnel and leak cannot be told apart.
  init(unanswered endpoint: Stated<NamedEndpoint>, in path: String? = nil) {
    let name = endpoint.value.name
    self.init(
      status: .usage,
      message:
        "\(endpoint.origin): no DNS answer in \(path ?? "the capture") gives the address of the Endpoint \(name), so "
        + "tunnel and leak cannot be told apart; state it with --resolve \(name)=ADDRESS")
  }
}
