import Foundation
import Glibc
import Probing
import Processes
import Synchronization
import Text
import Wire

/// Keeps a prober in each network in which a consumer of the tunnel is, from the consumer's first instant on. Where the
/// application is in the gateway itself, that is a consumer.
final class ProbeSupervisor: Sendable {
  private struct State {
    var scenario = 0
    var isDeliberate = false
    var isProbing = false
    var mayRun = true
    var attempts: [ProbeAttempt] = []
    var starts = GatewayStarts(at: ProbeSupervisor.now)
    var problem: String?
  }

  private let stack: any DrilledStack
  private let witness: EndpointWitness
  private let seed: UInt64
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)
  /// Attempts of a scenario beyond this are not kept: minutes of them.
  private static let mostAttempts = 200_000

  init(_ stack: any DrilledStack, _ witness: EndpointWitness, seed: UInt64) {
    self.stack = stack
    self.witness = witness
    self.seed = seed
    Thread.detachNewThread { [self] in
      run()
      ended.signal()
    }
  }

  func begin(scenario: Int, isDeliberate: Bool = false) {
    state.withLock {
      $0.scenario = scenario
      $0.isDeliberate = isDeliberate
      $0.attempts = []
      $0.starts.begin(at: Self.now)
      $0.isProbing = true
    }
  }

  /// What became of all attempts since `begin`.
  func pause() throws(DrillProblem) -> [ProbeAttempt] {
    state.withLock { $0.isProbing = false }
    // A prober tells the fates of what is open when it is ended.
    usleep(300_000)
    let (attempts, problem) = state.withLock { ($0.attempts, $0.problem) }
    if let problem { throw DrillProblem(.failed, problem) }
    return attempts
  }

  /// When the gateway was started since `begin`, each time until it had its tunnel, in nanoseconds since the epoch.
  var startWindows: [Range<Int64>] { state.withLock { $0.starts.windows } }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }

  func end() {
    state.withLock { $0.mayRun = false }
    ended.wait()
  }

  // MARK: - The thread

  private func run() {
    let search = NetworkSearch(stack.machine)
    var services: [String: String] = [:]
    var probers: [RunningProber] = []
    var forgotten: [RunningProber] = []
    while state.withLock({ $0.mayRun }) {
      witness.look()
      let (isProbing, scenario, isDeliberate) = state.withLock { ($0.isProbing, $0.scenario, $0.isDeliberate) }
      let now = Self.now
      let found = isProbing ? search.look() : []
      lookForStarts(found, search, &services, now)
      for network in Set(found.map(\.network)) where !probers.contains(where: { $0.network == network }) {
        guard let first = found.first(where: { $0.network == network && isConsumer($0, &services) }) else { continue }
        do {
          probers.append(
            try RunningProber(
              first, of: stack, scenario: scenario, seed: seed &+ UInt64(scenario),
              isDeliberate: isDeliberate))
        } catch {
          state.withLock { $0.problem = error.message }
        }
      }
      probers.removeAll { prober in
        let isWanted =
          isProbing && prober.scenario == scenario && prober.isDeliberate == isDeliberate
          && found.contains { $0.network == prober.network }
        if isWanted, prober.isRunning { return false }
        prober.end()
        forgotten.append(prober)
        return true
      }
      let attempts = (probers + forgotten).flatMap { $0.scenario == scenario ? $0.read() : [] }
      forgotten.removeAll { !$0.isRunning && !$0.mayHaveMore }
      if !attempts.isEmpty {
        state.withLock { state in
          state.attempts += attempts.prefix(max(0, Self.mostAttempts - state.attempts.count))
        }
      }
      usleep(20_000)
    }
    for prober in probers { prober.end() }
  }

  private func lookForStarts(
    _ found: [NetworkSearch.Found], _ search: NetworkSearch, _ services: inout [String: String], _ now: Int64
  ) {
    // Before the engine is asked whose they are, which takes its time.
    let all = found.map { ($0, hasTunnel: search.hasInterface(stack.tunnelInterfaces, in: $0)) }
    let gateways = all.filter { service(of: $0.0, &services) == stack.gatewayName }
    state.withLock { $0.starts.look(gateways, at: now) }
  }

  private func isConsumer(_ found: NetworkSearch.Found, _ services: inout [String: String]) -> Bool {
    service(of: found, &services).map(stack.probedNames.contains) ?? false
  }

  /// Nil if it is none of the stack's, or not yet known.
  private func service(of found: NetworkSearch.Found, _ services: inout [String: String]) -> String? {
    if let service = services[found.container] { return service }
    guard let service = stack.service(ofContainer: found.container) else { return nil }
    services[found.container] = service
    return service
  }
}
