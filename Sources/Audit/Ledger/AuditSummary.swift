public import Policy
public import Wire

/// What an audit found, owned and complete: text, JSON and exit status are all made from this.
public struct AuditSummary: Sendable {
  public enum Conclusion: String, Sendable { case clean, leaks, incomplete }

  /// A fact that is not a verdict but that an auditor must report (CONTRACT 5).
  public struct Notice: Hashable, Sendable {
    public var kind: Kind
    public var text: String
    /// How often, and when first, for a notice about frames; nil for one about the policy or the capture.
    public var count: Int?
    public var first: Timestamp?
    /// The names in the text that come from the wire, for output that must not show them.
    public var names: [String]

    public enum Kind: String, Sendable {
      case inferredPolicy = "inferred-policy"
      case resolvedEndpoint = "resolved-endpoint"
      case shapeNotChecked = "shape-not-checked"
      case unusedAllowRule = "unused-allow-rule"
      case expiredAllowRule = "expired-allow-rule"
      case orphanFragments = "orphan-fragments"
      case mergedFindings = "merged-findings"
      case severalInterfaces = "several-interfaces"
      case peerMismatch = "peer-mismatch"
      case noTunnel = "no-tunnel"
      case policyProblem = "policy-problem"
      case endedBySignal = "ended-by-signal"
      case evidence, containers
      case undeliveredAlerts = "undelivered-alerts"
      case arpForPublic = "arp-for-public"
      case arpForTunnel = "arp-for-tunnel"
      case dhcpOption121 = "dhcp-option-121"
      case dockerDNSViaHost = "docker-dns-via-host"
      case foreignSource = "foreign-source"
      case directionBelieved = "direction-believed"
      case olderSessions = "older-sessions"
      case clocks
      case tunnelInside = "tunnel-inside"
      case bridgePort = "bridge-port"
      case severalPolicies = "several-policies"
    }

    public init(_ kind: Kind, _ text: String, count: Int? = nil, first: Timestamp? = nil, names: [String] = []) {
      self.kind = kind
      self.names = names
      self.text = text
      self.count = count
      self.first = first
    }
  }

  /// Whose leaks decide the conclusion if a bridge is audited (CONTRACT 4).
  public enum Scope: String, Sendable, CaseIterable { case stack, host, all }

  public struct Tunnel: Sendable {
    public let endpoint: Stated<TunnelEndpoint>
    public let tally: TunnelTally

    /// How sure it is that what was sent went to the configured peer (CONTRACT 5); nil if nothing was sent.
    public var grade: Grade? {
      guard tally.sent.frames > 0 else { return nil }
      if endpoint.value.shape.isUnchecked { return .addressOnly }
      // Junk is tied to nobody; the handshake after it is.
      return tally.verified.frames == tally.sent.frames - tally[.junk].frames ? .peerVerified : .shaped
    }
  }

  public enum Grade: String, Sendable {
    /// Every message is tied to the peer's public key by its handshake.
    case peerVerified = "peer-verified"
    /// In WireGuard's wire format.
    case shaped
    /// The policy says that the format is not to be checked.
    case addressOnly = "address-only"
  }

  public struct Allowed: Sendable {
    /// The name under which control frames are listed.
    public static let controlName = "control"

    public let name: String
    public let reason: String
    public let origin: String
    public let count: Count
  }

  public let conclusion: Conclusion
  public let counts: ClassCounts
  public let interfaces: [InterfaceTally]
  /// For each interface: how many of the tunnel's messages the capture missed, by their counters.
  public let missedMessages: [UInt64]
  /// How many of these can no longer be merely late: this number never decreases.
  public let claimedMessages: [UInt64]
  /// Worst first, then by frames.
  public let findings: [Finding]
  /// Frames of leaks at or above the severity that fails the audit.
  public let failingLeaks: Int
  /// How many packets went into tunnels, each counted once by its session and counter; nil if that is not certain.
  public let tunnelPackets: Int?
  /// How many packets stayed local, and how many the policy allowed, each counted once; nil if that is not certain.
  public let localPackets: Int?
  public let allowedPackets: Int?
  /// How many packets leaked, each counted once; nil if nobody knows which interfaces showed the same ones.
  public let leakPackets: Int?
  public let failOn: Severity
  public let scope: Scope
  public let windows: LeakWindows
  public let timeline: Timeline
  public let traffic: Traffic
  /// What a live capture received and lost as a whole.
  public let capture: CaptureTotals?
  public let controls: [ControlExpectation.Outcome]
  public let tunnels: [Tunnel]
  public let served: Count
  /// In order of `LocalKind`; kinds without frames are left out.
  public let local: [(kind: LocalKind, count: Count)]
  public let undeclared: [(prefix: IPPrefix, count: Count)]
  public let undeclaredOthers: Count
  public let allowed: [Allowed]
  public let notices: [Notice]
  /// Why the audit saw less than happened; empty in a clean audit.
  public let gaps: [Gap]
  public let policy: TunnelPolicy
  public let isPolicyInferred: Bool
  /// The machine that was watched; nil for captures, which may come from any.
  public let host: String?
  /// Files that the user named; texts name them, too.
  public let files: [String]

  /// From the first frame's time to the last's; nil without frames.
  public var time: Span? {
    interfaces.compactMap(\.time).reduce(nil as Span?) { span, other in
      guard var span else { return other }
      span.extend(to: other.first)
      span.extend(to: other.last)
      return span
    }
  }

  /// Why the audit saw less than happened.
  public var incomplete: [String] { gaps.map(\.text) }

  /// Whether a finding's leaks count for the conclusion.
  public func isInScope(_ finding: Finding) -> Bool { scope.holds(finding.key.origin) }

  public var egress: Count { counts[.tunnel] + counts[.local] + counts[.leak] + counts[.allowed] }
}

extension AuditSummary.Scope {
  func holds(_ origin: Origin) -> Bool {
    switch self {
    case .stack: !origin.isHost
    case .host: origin.isHost
    case .all: true
    }
  }
}
