/// Why a packet is a leak (CONTRACT 3). The raw value is the name in every output.
public enum LeakReason: String, Sendable, CaseIterable {
  // Structural reasons, which the classifier decides.
  case undecodable
  case fragment
  case notWireGuard = "not-wireguard"
  case endpointBypass = "endpoint-bypass"
  case tunnelAddress = "tunnel-address"
  case dns
  case tunnelDestination = "tunnel-destination"
  case dot
  case doq
  case multicast

  // Labels, which the rule pack gives to the remaining leaks.
  case doh, ntp, stun, bittorrent, http, tls, quic, icmp, openvpn, ipsec
  case wireGuardOther = "wireguard-other"
  case tunnelOther = "tunnel-other"
  case dhcp
  case nameDiscovery = "name-discovery"
  case other

  /// The labels that a rule of the pack may give.
  public static let labels: [LeakReason] = [
    .dot, .doq, .doh, .ntp, .stun, .bittorrent, .http, .tls, .quic, .icmp, .openvpn, .ipsec, .wireGuardOther,
    .tunnelOther, .dhcp, .nameDiscovery, .multicast, .other,
  ]

  /// The severity unless a rule of the pack gives another.
  public var severity: Severity {
    switch self {
    case .tunnelAddress: .critical
    case .dns, .tunnelDestination: .high
    default: .medium
    }
  }

  /// One sentence for people.
  public var explanation: String {
    switch self {
    case .undecodable: "could not be decoded far enough to be shown to be tunnel or local"
    case .fragment: "fragment whose first part was not seen"
    case .notWireGuard: "sent to the Endpoint's port, but not in WireGuard's format"
    case .endpointBypass: "sent to the Endpoint's address outside the tunnel"
    case .tunnelAddress: "inner packet in clear: its source is the tunnel's own address"
    case .dns: "DNS query outside the tunnel"
    case .tunnelDestination: "sent in clear to the tunnel's own resolver"
    case .dot: "DNS over TLS outside the tunnel"
    case .doq: "DNS over QUIC outside the tunnel"
    case .multicast: "multicast that routers carry further"
    case .doh: "DNS over HTTPS outside the tunnel"
    case .ntp: "time synchronisation outside the tunnel"
    case .stun: "STUN (WebRTC) outside the tunnel"
    case .bittorrent: "BitTorrent outside the tunnel"
    case .http: "HTTP outside the tunnel"
    case .tls: "TLS outside the tunnel"
    case .quic: "QUIC outside the tunnel"
    case .icmp: "ICMP outside the tunnel"
    case .openvpn: "OpenVPN, another tunnel"
    case .ipsec: "IPsec, another tunnel"
    case .wireGuardOther: "WireGuard to an address that is not the Endpoint"
    case .tunnelOther: "another tunnel"
    case .dhcp: "DHCP off the premises"
    case .nameDiscovery: "name discovery off the premises"
    case .other: "outside the tunnel"
    }
  }
}
