import Policy

/// A reason that is decided in code and that no rule can change, described as rules are.
struct StructuralReason {
  let reason: LeakReason
  /// The condition in words; a rule has its filter here.
  let condition: String
  let why: String
  let reference: String
}

extension StructuralReason {
  /// All of them, in the order in which they are decided.
  static let all: [Self] = [
    Self(
      reason: .undecodable,
      condition: "a header is cut or malformed, and a later step of the decision needs what is missing",
      why: "What cannot be shown to be tunnel or local is a leak. A greater snap length shows more.",
      reference: "RFC 791 section 3.1; RFC 8200 section 4"),
    Self(
      reason: .notWireGuard,
      condition: "UDP to an Endpoint's address and port that is not a WireGuard message",
      why: "Something else uses the Endpoint's port, or the tunnel is obfuscated: then state shape: any in the policy.",
      reference: "WireGuard whitepaper (Donenfeld, NDSS 2017) section 5.4"),
    Self(
      reason: .endpointBypass, condition: "to an Endpoint's address, but not UDP or not its port",
      why: "If a kill switch lets out everything to the server's address, a forged DNS answer is a way around it.",
      reference: "TunnelCrack ServerIP, CVE-2023-36673"),
    Self(
      reason: .tunnelAddress, condition: "the source is the tunnel's own address, on a link outside the tunnel",
      why: "An inner packet in clear, as the tunnel would have carried it; no allow rule covers it.",
      reference: "wg-quick(8), Address"),
    Self(
      reason: .dns, condition: "UDP or TCP to port 53 anywhere but loopback and the policy's resolvers",
      why: "Your provider sees the names you look up, even if you ask your router: a private resolver passes them on.",
      reference: "RFC 1035 section 4.2; RFC 9076 section 5.1"),
    Self(
      reason: .dot, condition: "TCP to port 853 anywhere but loopback and the policy's resolvers",
      why: "A resolver outside the tunnel learns every name; the rule dns.tls gives title and severity.",
      reference: "RFC 7858 section 3.1"),
    Self(
      reason: .doq, condition: "UDP to port 853 anywhere but loopback and the policy's resolvers",
      why: "A resolver outside the tunnel learns every name; the rule dns.quic gives title and severity.",
      reference: "RFC 9250 section 4.1.1"),
    Self(
      reason: .tunnelDestination, condition: "to the tunnel's own resolver (DNS) on a port other than 53 and 853",
      why: "The address is valid only inside the tunnel; outside, it is someone else's.",
      reference: "wg-quick(8), DNS"),
    Self(
      reason: .multicast, condition: "to a group that is neither the link's nor the organisation's",
      why: "Routers carry it further; the rules of this label give title and severity.",
      reference: "RFC 5771 section 3; RFC 7346"),
    Self(
      reason: .fragment, condition: "a later fragment whose first was not seen, to a public address or an Endpoint's",
      why: "Without its first part it cannot be shown to belong to the tunnel.",
      reference: "RFC 791 section 3.2; RFC 8200 section 4.5"),
  ]
}
