import Policy
public import Wire

/// The names of running containers, found by the addresses in their packets.
public struct OriginDirectory: Sendable, Equatable {
  public var names: [IPAddress: [String]] { didSet { collectOwners() } }
  public var namesByMAC: [MACAddress: [String]] { didSet { collectOwners() } }

  /// What is known about a container: a packet that contradicts it is not the container's.
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

  /// Takes the containers that the policy's files state.
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

  /// What an address and a MAC address show about whether containers sent a packet.
  enum Belonging: Sendable, BitwiseCopyable {
    case own
    /// The address, or the MAC address, belongs to another container, or to several of which not all are named.
    case otherOwner, otherStation
    /// It belongs to nobody, and the containers' own are known.
    case strangeAddress, strangeStation
    /// Nothing is known about either.
    case unknown

    var isOwn: Bool { self == .own }
  }

  /// Whether one of the containers sent a packet, by its source address and, if the link shows the sender's own, its
  /// MAC address. Both must fit if both are known; nobody's link-local addresses are known. Nil if neither shows it.
  func sends(_ containers: [String], _ source: IPAddress, _ mac: MACAddress?) -> Bool? {
    let belonging = belonging(containers, source, mac)
    return belonging == .unknown ? nil : belonging.isOwn
  }

  /// Does the same as `sends`, and says why.
  ///
  /// If several share a network namespace, nobody can know which of them sent it, so all of them must be named.
  func belonging(_ containers: [String], _ source: IPAddress, _ mac: MACAddress?) -> Belonging {
    func isNamed(_ owners: [String]) -> Bool { !owners.isEmpty && owners.allSatisfy(containers.contains) }
    var answer = Belonging.unknown
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

  /// Those whose packets look like these containers' and that are not among them: a rule that names only these matches
  /// nothing of theirs.
  func alike(_ containers: [String]) -> [String] {
    let mixed = (Array(names.values) + Array(namesByMAC.values)).filter { owners in
      owners.contains(where: containers.contains)
    }
    return Set(mixed.joined()).subtracting(containers).sorted()
  }

  /// The sender of a packet: the owner of its address, unless the MAC address shows that somebody else sent it.
  func names(_ seen: borrowing Sighting) -> [String]? {
    if isEmpty { return nil }
    // Behind NAT the frame's MAC address is the host's.
    let mac = seen.role == .nic || namesByMAC.isEmpty ? nil : seen.link?.source
    let byAddress = seen.packet.network == .ip ? names[seen.packet.source] : nil
    if let byAddress, sends(byAddress, seen.packet.source, mac) != false { return byAddress }
    return mac.flatMap { namesByMAC[$0] }
  }

  /// The owner of a packet's address, if the frame's MAC address shows that somebody else used it.
  func victim(_ seen: borrowing Sighting) -> [String]? {
    guard seen.role != .nic, seen.packet.network == .ip, !namesByMAC.isEmpty, let owners = names[seen.packet.source],
      let mac = seen.link?.source, sends(owners, seen.packet.source, mac) == false
    else { return nil }
    return owners
  }
}
