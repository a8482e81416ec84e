public import Policy
public import Wire

/// Leaks of one reason on one interface to one destination, counted.
public struct Finding: Sendable {
  /// What leaks must share to be counted together.
  public struct Key: Hashable, Sendable {
    public var interface: Int
    public var origin: Origin
    public var reason: LeakReason
    /// The position of the label rule that named it, or -1.
    public var rule: Int
    /// Nil if no IP header could be read, or if destinations are no longer told apart.
    public var destination: IPAddress?
    /// Nil if the protocol is not known.
    public var protocolNumber: IPProtocol?
    /// Nil if the protocol has no ports, or if they are not known.
    public var port: UInt16?
    /// A part of the key, so that a leak with a mild nature is counted apart from a usual one to the same destination.
    var nature = LeakNature.usual
    /// The sender, as long as it is not known whose the leaks are (`NICGateways`), or -1.
    var sender: Int32 = -1

    /// Hashes the fields that differ most, in few words: this runs for every leak.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(destination?.low ?? 0)
      hasher.combine(destination?.high ?? 0)
      hasher.combine(interface << 32 ^ rule << 16 ^ Int(port ?? 0) ^ Int(protocolNumber?.rawValue ?? 0) << 52)
    }
  }

  public let key: Key
  public let severity: Severity
  /// One line for people: the rule's title, or what the reason means.
  public let title: String
  public internal(set) var count = Count()
  public internal(set) var time: Span
  /// The position in its file of the frame that was counted first, from 1 on; nil if there is no file.
  public internal(set) var firstFrame: Int?
  public internal(set) var sources = BoundedSet<IPAddress>(limit: 8)
  /// DNS questions asked.
  public internal(set) var questions = BoundedSet<DNSQuestions.Question>(limit: 16)
  /// What else was said in clear.
  public internal(set) var details = BoundedSet<LeakDetail>(limit: 16)
  /// Who sent them, as far as the kernel said.
  public internal(set) var senders = BoundedSet<LeakSender>(limit: mostSenders)
  /// For a finding on a bridge: what was seen again on the NIC.
  public internal(set) var escaped = Count()
  /// For a finding on a bridge: the addresses that NAT gave its packets.
  public internal(set) var sourcesOnNIC = BoundedSet<IPAddress>(limit: 8)
  /// How many of its frames show packets that another finding counts, on another interface.
  var countedElsewhere = 0
  /// Whether another interface may have shown its packets, and nobody knows.
  var mayBeElsewhere = false
  /// Nil if the audited interfaces do not show it.
  public internal(set) var fate: Fate?
  /// What stopped the decoder, for the first `undecodable` frame.
  public internal(set) var decodingError: WireError?
  /// Whether it merges leaks whose destinations are no longer told apart.
  var isMerged = false
  /// The finding on the other side of NAT that also counted the first of its packets, or -1.
  var otherSide: Int32 = -1

  /// How many packets it has. One that several interfaces showed counts once: in the most severe of its findings, or
  /// the first on its way.
  public var packets: Int { count.frames - countedElsewhere }
}
