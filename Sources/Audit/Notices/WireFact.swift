import Wire

/// A fact on the wire that is not a verdict but that an auditor must report (CONTRACT 5, notices).
enum WireFact: Hashable, Sendable {
  /// Somebody on the audited side takes a public address for one of its own link.
  case publicARP(asker: IPAddress, target: IPAddress)
  /// A packet told the link the tunnel's own address.
  case tunnelARP(address: IPAddress, operation: ARPPacket.Operation)
  /// A server hands out routes that can win over the tunnel's. `text` lists them.
  case routes(server: String, text: String)
  /// The host asked for a name, and a container then sent to the address in the answer.
  case hostLookup(name: String, address: IPAddress, user: String)
  /// The host asked for a name because Docker's engine passed on the question of a container, as the kernel showed.
  case passedOn(name: String, user: String)
  /// A handshake initiation to an Endpoint, for another public key than the policy's.
  case foreignInitiation(endpoint: Endpoint, origin: String)
  /// A packet goes out with an address that is not one of the interface's, or that is another container's.
  case foreignSource(source: IPAddress, sender: MACAddress?, owner: String?)

  var kind: AuditSummary.Notice.Kind {
    switch self {
    case .foreignInitiation: .peerMismatch
    case .foreignSource: .foreignSource
    case .publicARP: .arpForPublic
    case .tunnelARP: .arpForTunnel
    case .routes: .dhcpOption121
    case .hostLookup, .passedOn: .dockerDNSViaHost
    }
  }

  /// What happened, without a full stop.
  func headline(on interface: String) -> String {
    switch self {
    case .publicARP(let asker, let target):
      "ARP: \(asker) asks on \(interface) for \(target), which is a public address"
    case .tunnelARP(let address, .reply): "ARP: a reply on \(interface) reveals the tunnel's own address \(address)"
    case .tunnelARP(let address, .request):
      "ARP: a request on \(interface) is sent from the tunnel's own address \(address)"
    case .routes(let server, let text): "DHCP: \(server) offers its own routes on \(interface): \(text)"
    case .foreignInitiation(let endpoint, let origin):
      "WireGuard: a handshake initiation on \(interface) to \(endpoint) is for another public key than the policy's "
        + "(\(origin))"
    case .foreignSource(let source, let sender, let owner):
      "Source: \(sender.map { "\($0)" } ?? "somebody") sent on \(interface) from \(source), which is "
        + (owner.map { "the address of \($0)" } ?? "none of the addresses known there")
    case .hostLookup(let name, let address, let user):
      "DNS: the host asked on \(interface) for \(name), and within 2 s \(user) sent to the answer, \(address)"
    case .passedOn(let name, let user):
      "DNS: the host asked on \(interface) for \(name), because \(user) asked Docker's resolver for it"
    }
  }

  /// The names in it that somebody on the wire chose.
  var names: [String] {
    switch self {
    case .hostLookup(let name, _, _), .passedOn(let name, _): [name]
    case .publicARP, .tunnelARP, .routes, .foreignInitiation, .foreignSource: []
    }
  }

  /// What it means, as a sentence.
  var explanation: String {
    switch self {
    case .publicARP:
      "Traffic to addresses that seem to be on the link goes past the tunnel (TunnelCrack LocalNet, CVE-2023-36672). If the link does "
        + "have that address, declare it with --local."
    case .tunnelARP: "Anyone on the link can see which machine has which address in the tunnel (MLLVD-CR-24-03)."
    case .routes:
      "A machine that accepts them sends packets to these destinations past its tunnel (options 121 and 249: TunnelVision, "
        + "CVE-2024-3661)."
    case .foreignSource:
      "Someone may be posing as another machine. The verdict does not depend on it."
    case .foreignInitiation:
      "The tunnel goes to a peer that the policy does not know, or the policy is for another configuration."
    case .hostLookup:
      "So the container's queries leave past the tunnel, as with Docker's resolver 127.0.0.11, which asks for containers from "
        + "the host. Confidence: high, by the name's own answer; but the host may have asked for itself."
    case .passedOn:
      "So the container's queries leave past the tunnel: Docker's engine asks for it from the host. Confidence: certain, the "
        + "kernel saw the container's question, and the engine's own for the same name after it."
    }
  }
}
