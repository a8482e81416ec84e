import Foundation
import Wire

/// What became of one attempt: a line of the probe's output.
package struct ProbeAttempt: Codable, Hashable, Sendable {
  /// `Probe.id`.
  package var probe: String
  /// As in `ProbeName`: 16 hexadecimal digits.
  package var nonce: String
  /// When it was sent, in nanoseconds since the epoch.
  package var at: Int64
  package var outcome: Outcome
  /// Why, where the outcome needs it: for a local error its name and the system's words.
  package var reason: String?
  /// The address that the answer told.
  package var seen: String?
  /// The socket's own end.
  package var source: String?
  package var destination: String
  /// From sending to the outcome.
  package var milliseconds: Double

  package enum Outcome: String, Codable, Sendable, CaseIterable {
    /// The answer told an address of the tunnel.
    case through
    /// The answer told another address: the attempt got out around the tunnel.
    case around
    /// There was an answer that told no address.
    case answered
    /// A local error or an ICMP error: the attempt was stopped.
    case refused
    /// No answer came in time.
    case silent
    /// It cannot be tried here.
    case unavailable
    /// The probe ended before it knew. It does not count.
    case cut
  }
}

/// A line of the probe's output.
package enum ProbeLine: Sendable {
  /// The first line.
  case ready([ProbeDescription])
  case attempt(ProbeAttempt)

  /// Nil for anything else.
  package init?(_ line: some StringProtocol) {
    let bytes = Data(line.utf8)
    if let attempt = try? JSONDecoder().decode(ProbeAttempt.self, from: bytes) {
      self = .attempt(attempt)
    } else if let beginning = try? JSONDecoder().decode(ProbeBeginning.self, from: bytes), beginning.ready {
      self = .ready(beginning.probes)
    } else {
      return nil
    }
  }
}

/// A probe as the first line tells it.
package struct ProbeDescription: Codable, Hashable, Sendable {
  package var id: String
  package var number: Int
  package var what: String
  /// `udp`, `tcp`, `icmp` or `icmpv6`.
  package var transport: String
  /// Without the port. Nil if this drill has no such resolver.
  package var destination: String?
  package var port: UInt16
  package var isLocal: Bool
}

struct ProbeBeginning: Codable {
  var ready = true
  var probes: [ProbeDescription]

  init(_ catalogue: ProbeCatalogue) {
    probes = ProbeCatalogue.probes.map { probe in
      ProbeDescription(
        id: probe.id, number: probe.number, what: probe.what, transport: "\(probe.transport)",
        destination: catalogue.destination(of: probe).map { "\($0.address)" }, port: probe.port, isLocal: probe.isLocal)
    }
  }
}
