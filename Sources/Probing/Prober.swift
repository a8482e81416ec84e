import CLinux
import Glibc
import Processes
import Text
package import Wire

/// Makes the attempts of all probes, round after round, and writes what became of each on standard output: a first line
/// with the probes, then a line per attempt once its outcome is known (`ProbeLine`).
///
/// It needs no privilege. A round's attempts are spread over its time, so that also a short gap of the kill switch meets
/// some.
///
/// `unsafe` for poll(2). Sound: the array outlives the call and has the stated length.
package final class Prober {
  private let catalogue: ProbeCatalogue
  private let tunnelAddresses: Set<IPAddress>
  private let isLive: Bool
  private let pause: Duration
  private let scenario: Int
  private var random: NonceSequence
  private let order: [Probe]
  private var turn = 0
  /// The numbers of probes that cannot be tried here, which was told.
  private var unavailable: Set<Int> = []
  private var next = ContinuousClock.now
  private var open: [OpenAttempt] = []
  private let frames = FrameSender()
  private var flows: [Int: any SteadyFlow] = [:]
  private var output = StandardOutput(flushesLines: true)

  /// With shorter rounds, attempts that nobody answers would not have their time before `openLimit` cuts them.
  package static let shortestRound = Duration.milliseconds(100)
  private static let patience = Duration.seconds(1)
  private static let openLimit = 500

  /// - Parameters:
  ///   - tunnelAddresses: an answer that tells one of these as its source went through the tunnel.
  ///   - every: the time of one round; `shortestRound` if it is less.
  ///   - scenario: stands in the names of all attempts.
  ///   - seed: of the nonces, and of the order within a round.
  ///   - isDeliberate: whether the attempts are made, too, that no ordinary application makes.
  ///   - isLive: whether the internet is the real one: no stranger is asked, and who answers does not tell the way.
  ///   - only: the probes that are tried, of those.
  package init(
    _ catalogue: ProbeCatalogue, tunnelAddresses: Set<IPAddress>, every: Duration, scenario: Int, seed: UInt64,
    isDeliberate: Bool, isLive: Bool = false, only: (Probe) -> Bool = { _ in true }
  ) {
    self.catalogue = catalogue
    self.tunnelAddresses = tunnelAddresses
    self.scenario = scenario
    self.isLive = isLive
    random = NonceSequence(seed: seed)
    let probes = ProbeCatalogue.probes.filter {
      (isDeliberate || !$0.isDeliberate) && !(isLive && $0.asksStranger) && only($0)
    }
    order = probes.shuffled(using: &random)
    pause = max(every, Self.shortestRound) / probes.count
  }

  /// Returns at SIGTERM or SIGINT, when standard input ends, or when nobody reads the output.
  package func run() {
    guard let signals = BlockedSignals([SIGINT, SIGTERM]) else { return }
    write(ProbeBeginning(catalogue))
    next = .now
    while output.failure == nil {
      attempt()
      sendOutcomes()
      var requests = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0),
      ]
      let flowing = flows.values.filter { $0.number != nil }
      requests += flowing.map { pollfd(fd: $0.number ?? -1, events: $0.events, revents: 0) }
      let polled = open.filter { $0.socket != nil }
      requests += polled.map { pollfd(fd: $0.socket?.number ?? -1, events: $0.events, revents: 0) }
      _ = unsafe poll(&requests, nfds_t(requests.count), wait)
      if requests[1].revents != 0 || requests[0].revents != 0 && standardInputHasEnded() { break }
      for (flow, request) in zip(flowing, requests.dropFirst(2)) where request.revents != 0 {
        flow.look(request.revents)
      }
      for (attempt, request) in zip(polled, requests.dropFirst(2 + flowing.count)) where request.revents != 0 {
        attempt.look(request.revents)
      }
    }
    for attempt in open where attempt.fate == nil { attempt.fate = .cut }
    sendOutcomes()
  }

  /// In milliseconds: until the next attempt is due. That is never longer than a round.
  private var wait: Int32 {
    let seconds = (next - .now) / .seconds(1)
    return Int32(max(0, min(1000, (seconds * 1000).rounded(.up))))
  }

  private func attempt() {
    let now = ContinuousClock.now
    // The machine slept, or this process did not run.
    if now > next + .seconds(1) { next = now }
    while now >= next {
      if !unavailable.contains(order[turn].number) { make(order[turn]) }
      turn = (turn + 1) % order.count
      next += pause
    }
  }

  private func make(_ probe: Probe) {
    let name = ProbeName(nonce: random.next(), probe: probe.number, scenario: scenario)
    guard let destination = catalogue.destination(of: probe) else {
      let attempt = OpenAttempt(probe, name, Endpoint(address: IPAddress(v4: 0), port: probe.port))
      attempt.fate = .unavailable("this drill has no such host", isLasting: true)
      unavailable.insert(probe.number)
      return open.append(attempt)
    }
    if open.count >= Self.openLimit, let oldest = open.first(where: { $0.fate == nil }) { oldest.fate = .cut }
    let attempt = OpenAttempt(probe, name, destination)
    open.append(attempt)
    if case .steady = probe.way {
      flow(probe).send(attempt)
    } else {
      attempt.start(frames, own: ownAddress(like: destination))
    }
    if case .unavailable(_, isLasting: true) = attempt.fate { unavailable.insert(probe.number) }
  }

  private func ownAddress(like destination: Endpoint) -> IPAddress? {
    tunnelAddresses.first { $0.isIPv4 == destination.address.isIPv4 }
  }

  private func flow(_ probe: Probe) -> any SteadyFlow {
    if let flow = flows[probe.number] { return flow }
    let flow: any SteadyFlow = probe.transport == .tcp ? SteadyStream() : SteadyDatagrams()
    flows[probe.number] = flow
    return flow
  }

  /// Writes the outcomes that are known now.
  private func sendOutcomes() {
    let now = ContinuousClock.now
    for attempt in open where attempt.fate == nil && now >= attempt.began + Self.patience { attempt.expire() }
    for attempt in open {
      guard let fate = attempt.fate else { continue }
      write(ProbeAttempt(attempt, fate, isLive ? nil : tunnelAddresses))
    }
    open.removeAll { $0.fate != nil }
  }

  private func write(_ line: some Encodable) {
    if let text = try? JSON.line(line) { output.write(text) }
  }
}

extension ProbeAttempt {
  /// - Parameter tunnelAddresses: nil if the address in an answer says nothing.
  init(_ attempt: OpenAttempt, _ fate: OpenAttempt.Fate, _ tunnelAddresses: Set<IPAddress>?) {
    let outcome: Outcome
    var reason = attempt.remark
    var seen: IPAddress?
    switch fate {
    case .seen(let address):
      outcome = tunnelAddresses.map { $0.contains(address) ? .through : .around } ?? .answered
      seen = address
    case .answered: outcome = .answered
    case .refused(let text):
      outcome = .refused
      reason = [text, attempt.remark].compactMap { $0 }.joined(separator: "; ")
    case .silent: outcome = .silent
    case .cut: outcome = .cut
    case .unavailable(let text, _):
      outcome = .unavailable
      reason = text
    }
    self.init(
      probe: attempt.probe.id, nonce: attempt.name.hexadecimal, at: attempt.at.nanoseconds, outcome: outcome,
      reason: reason, seen: seen.map { "\($0)" }, source: attempt.source.map { "\($0)" },
      destination: attempt.probe.port == 0 ? "\(attempt.destination.address)" : "\(attempt.destination)",
      milliseconds: ((attempt.ended - attempt.began) / .milliseconds(1) * 10).rounded() / 10)
  }
}
