import Policy
public import Wire

/// Names of running containers by what their packets carry.
public struct OriginDirectory: Sendable, Equatable {
  public var names: [IPAddress: [String]] { didSet { collectOwners() } }
  public var namesByMAC: [MACAddress: [String]] { didSet { collectOwners() } }

  /// What is known of a container, so that a packet without it is none of the container's.
  private struct Known: Equatable {
    var families: Set<IPAddress.Family> = []
    var hasMAC = false
  }

  private var known: [String: Known] = [:]

  public init(names: [IPAddress: [String]] = [:], namesByMAC: [MACAddress: [String]] = [:]) {
    self.names = names
    self.namesByMAC = namesByMAC
    collectOwners()
  }

  /// What the policy's files state.
  init(_ containers: [StatedContainer]) {
    names = [:]
    namesByMAC = [:]
    for container in containers {
      for address in container.addresses { names[address] = container.names }
      for address in container.macAddresses { namesByMAC[address] = container.names }
    }
    collectOwners()
  }

  private mutating func collectOwners() {
    known = [:]
    for (address, owners) in names {
      for owner in owners { known[owner, default: Known()].families.insert(address.family) }
    }
    for owners in namesByMAC.values {
      for owner in owners { known[owner, default: Known()].hasMAC = true }
    }
  }

  var isEmpty: Bool { names.isEmpty && namesByMAC.isEmpty }

  /// What an address and a MAC address tell of whether containers sent a packet.
  enum Belonging: Sendable, BitwiseCopyable {
    case own
    /// The address, or the MAC address, is another container's, or of one that shares its namespace with others.
    case otherOwner, otherStation
    /// It is nobody's, and theirs are known.
    case strangeAddress, strangeStation
    /// Nothing is known of either.
    case untold

    var isOwn: Bool { self == .own }
  }

  /// Whether one of the containers sent a packet under an address, from a MAC address where the link shows one that is the
  /// sender's. Both must fit where both are known; link-local addresses are known of nobody. Nil where nothing tells.
  func sends(_ containers: [String], _ source: IPAddress, _ mac: MACAddress?) -> Bool? {
    let belonging = belonging(containers, source, mac)
    return belonging == .untold ? nil : belonging.isOwn
  }

  /// The same, with what tells it.
  ///
  /// Where several share a network namespace nobody can tell which did, so all of them must be named.
  func belonging(_ containers: [String], _ source: IPAddress, _ mac: MACAddress?) -> Belonging {
    func isNamed(_ owners: [String]) -> Bool { !owners.isEmpty && owners.allSatisfy(containers.contains) }
    var answer = Belonging.untold
    if let owners = names[source] {
      guard isNamed(owners) else { return .otherOwner }
      answer = .own
    } else if AddressScope(source) != .linkLocal,
      containers.contains(where: { known[$0]?.families.contains(source.family) == true })
    {
      return .strangeAddress
    }
    guard let mac else { return answer }
    if let owners = namesByMAC[mac] { return isNamed(owners) ? .own : .otherStation }
    return containers.contains { known[$0]?.hasMAC == true } ? .strangeStation : answer
  }

  /// Who sent a packet: the owner of its address, unless the MAC address shows that it is not his.
  func names(_ seen: borrowing Sighting) -> [String]? {
    if isEmpty { return nil }
    // Behind NAT the frame's MAC address is the host's.
    let mac = seen.role == .nic || namesByMAC.isEmpty ? nil : seen.link?.source
    let byAddress = seen.packet.network == .ip ? names[seen.packet.source] : nil
    if let byAddress, sends(byAddress, seen.packet.source, mac) != false { return byAddress }
    return mac.flatMap { namesByMAC[$0] }
  }

  /// The owner of a packet's address, where the frame's MAC address shows that somebody else used it.
  func victim(_ seen: borrowing Sighting) -> [String]? {
    guard seen.role != .nic, seen.packet.network == .ip, !namesByMAC.isEmpty, let owners = names[seen.packet.source],
      let mac = seen.link?.source, sends(owners, seen.packet.source, mac) == false
    else { return nil }
    return owners
  }
}
