import Wire

/// What a rule is based on. Rules are tried in this order: a packet's content before its port, because ports
/// lie, and an inner protocol before the one that carries it.
public enum RuleBasis: String, Sendable, CaseIterable {
  /// Only the headers: a protocol number, a group, the flags of a segment without content.
  case header
  /// A name in clear.
  case name
  /// The first bytes of a protocol.
  case content
  /// A well-known peer, or a port that shows what is inside TLS or QUIC.
  case peer
  /// The first bytes of a protocol that carries others: HTTP, TLS, QUIC.
  case carrier
  /// Only a port.
  case port
  /// Everything that no other rule knows.
  case rest
}
