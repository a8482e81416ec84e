import Policy
import Wire

/// Finds gateways on the NIC's own network (macvlan, ipvlan) to which the engine gave an address that nobody stated:
/// the tunnel's own packets show who they are (CONTRACT 4).
///
/// No NAT hides them, so a sender with the address *and* the MAC address of the tunnel's packets is the gateway; an
/// ipvlan's MAC address is the machine's too. Behind NAT machine and gateway share both: this is never used there.
struct NICGateways: Sendable {
  private struct Sender: Hashable, Sendable {
    var address: IPAddress
    var station: MACAddress?
  }

  /// More senders than a machine has addresses.
  private static var limit: Int { 256 }

  /// The gateways' names; empty if there is no such gateway.
  let names: [String]
  /// Single addresses that are stated to be audited.
  private let stated: Set<IPAddress>
  /// The senders of the tunnel's packets.
  private var gateways: Set<Sender> = []
  /// The senders of leaks that may turn out to be the gateway's.
  private var senders: [Sender] = []
  private(set) var overflows = 0

  init(_ policy: TunnelPolicy) {
    names = policy.containers.map(\.value).filter { $0.holdsTunnel && $0.isOnLink && $0.addresses.isEmpty }
      .flatMap(\.names)
    stated = Set(policy.audited.map(\.value).filter { $0.length == $0.address.width }.map(\.address))
  }

  var isActive: Bool { !names.isEmpty }
  /// Whether the policy states who the gateway is, or the tunnel's packets have shown it.
  var areKnown: Bool { !gateways.isEmpty || !stated.isEmpty }

  mutating func noteTunnel(_ seen: borrowing Sighting) {
    guard gateways.count < Self.limit else { return }
    gateways.insert(Sender(address: seen.packet.source, station: seen.link?.source))
  }

  /// The names, if the packet is the gateway's.
  func names(_ seen: borrowing Sighting) -> [String]? {
    guard areKnown, seen.packet.network == .ip else { return nil }
    return isTenant(Sender(address: seen.packet.source, station: seen.link?.source)) ? names : nil
  }

  private func isTenant(_ sender: Sender) -> Bool { gateways.contains(sender) || stated.contains(sender.address) }

  /// The position of a leak's sender, for `resolve`; -1 if it is not kept.
  mutating func position(of seen: borrowing Sighting) -> Int32 {
    guard seen.packet.network == .ip else { return -1 }
    let sender = Sender(address: seen.packet.source, station: seen.link?.source)
    if let position = senders.firstIndex(of: sender) { return Int32(position) }
    guard senders.count < Self.limit else {
      overflows &+= 1
      return -1
    }
    senders.append(sender)
    return Int32(senders.count - 1)
  }

  /// The findings, with their origins as they are known now.
  func resolve(_ list: [Finding]) -> [Finding] {
    guard list.contains(where: { $0.key.sender >= 0 }) else { return list }
    var findings = Findings()
    for finding in list {
      var key = finding.key
      if key.sender >= 0, isTenant(senders[Int(key.sender)]) { key.origin = .containers(names) }
      key.sender = -1
      findings.merge(finding, as: key)
    }
    return findings.list
  }
}
