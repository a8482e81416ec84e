/// Why a header could not be read.
public enum WireError: Error, Hashable, Sendable, BitwiseCopyable {
  /// The capture ends before the header does. Counts are in bytes from the header's start.
  case truncated(Layer, needed: Int, available: Int)
  /// The header was captured, but contradicts itself or its standard.
  case malformed(Layer)

  /// The header that was being read.
  public enum Layer: UInt8, Sendable, BitwiseCopyable {
    case linkLayer, ethernet, vlan, llc, linuxCooked, pppoe, ppp, mpls, family
    case ipv4, ipv6, ipv6Extension, authentication
    case tcp, udp, udpLite, sctp, dccp, icmp, dns, wireGuard
    case unknownEtherType

    public var name: String {
      switch self {
      case .linkLayer: "link layer"
      case .ethernet: "Ethernet"
      case .vlan: "VLAN tag"
      case .llc: "LLC"
      case .linuxCooked: "Linux cooked"
      case .pppoe: "PPPoE"
      case .ppp: "PPP"
      case .mpls: "MPLS"
      case .family: "address family"
      case .ipv4: "IPv4"
      case .ipv6: "IPv6"
      case .ipv6Extension: "IPv6 extension"
      case .authentication: "AH"
      case .tcp: "TCP"
      case .udp: "UDP"
      case .udpLite: "UDP-Lite"
      case .sctp: "SCTP"
      case .dccp: "DCCP"
      case .icmp: "ICMP"
      case .dns: "DNS"
      case .wireGuard: "WireGuard"
      case .unknownEtherType: "unknown EtherType"
      }
    }
  }
}

extension WireError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let layer, let needed, let available):
      "\(layer.name) header cut: needs \(needed) bytes, \(available) captured"
    case .malformed(.unknownEtherType): "unknown EtherType"
    case .malformed(let layer): "\(layer.name) header malformed"
    }
  }
}

extension RawSpan {
  /// Throws unless all of a header's `needed` bytes were captured.
  func require(_ needed: Int, _ layer: WireError.Layer) throws(WireError) {
    guard byteCount >= needed else { throw .truncated(layer, needed: needed, available: byteCount) }
  }
}
