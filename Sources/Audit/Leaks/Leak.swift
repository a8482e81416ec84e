public import Policy
public import Wire

/// A leaking frame, named and described while its bytes are still there. Owned: leaks are rare, or the audit has failed
/// already, so this may cost more than the tunnel's bulk may.
public struct Leak: Sendable {
  public internal(set) var key: Finding.Key
  public internal(set) var severity: Severity
  public internal(set) var title: String
  public let source: IPAddress?
  public let questions: [DNSQuestions.Question]
  /// What else it says in clear.
  public let details: [LeakDetail]
  /// The first question's name; without a question, the server's name.
  public let name: String?
  public let decodingError: WireError?
  /// Nil if the audited interfaces do not show it.
  public internal(set) var fate: Fate?
  public internal(set) var phase = LeakPhase.beforeHandshake
  /// How many bytes the link carried of the frame.
  public internal(set) var length = 0
  public internal(set) var sourcePort: UInt16?
  /// The candidate endpoint that it went to and that a handshake may still prove: then it is not a leak. Zero
  /// otherwise.
  public internal(set) var candidate = 0
  /// Whether it is not a leak if a handshake follows within seconds (`JunkRuns`).
  public var awaitsHandshake: Bool { candidate >= JunkRuns.firstID }
  /// As in `ClearText`.
  var lostQuestions = 0
  /// The finding that counts it, and the one on the bridge that it continues; nil if there is none.
  var finding: Int?
  var continued: Int?
  /// Whether a bridge showed the packet before; NAT may have given it another source since.
  public var isContinued: Bool { continued != nil }
  /// Whether no other leak has reported the packet: false on the NIC if the bridge showed it before. Nil if another
  /// interface may have shown it and nobody knows.
  public internal(set) var isOwnPacket: Bool?
  /// Whether an earlier packet of its flow matches its rule, and this one does not.
  public internal(set) var isNamedByFlow = false
  /// The frame's position in its file, from 1 on; nil if there is no file.
  public internal(set) var frameInFile: Int?
}

extension Leak {
  /// Whether a handshake may still explain it.
  var isPending: Bool { candidate > 0 }

  /// A later fragment is the same leak as its first.
  init(fragmentOf finding: Finding, source: IPAddress) {
    self.init(
      key: finding.key, severity: finding.severity, title: finding.title, source: source, questions: [], details: [],
      name: nil, decodingError: nil, fate: finding.fate)
  }
}
