import Policy
import Wire

/// What is known about an interface's own addresses and stations.
extension Classifier {
  mutating func reach(_ interface: Int) -> Bool {
    guard interface >= 0, interface < 1 << 16 else { return false }
    while surroundings.count <= interface { surroundings.append(Surroundings()) }
    return true
  }

  func hasStatedStation(_ interface: Int) -> Bool {
    interface < surroundings.count && surroundings[interface].hasStatedStation
  }

  mutating func noteStatedStation(_ interface: Int) {
    guard reach(interface) else { return }
    surroundings[interface].hasStatedStation = true
    stations.forget(interface)
  }

  /// For so long after the first frame, an answer may come whose question was not captured.
  private static var earlyTime: Elapsed { .seconds(30) }

  mutating func noteBegin(_ moment: Timestamp, _ interface: Int) {
    if interface < surroundings.count, surroundings[interface].begin != nil { return }
    if reach(interface) { surroundings[interface].begin = moment }
  }

  func isEarly(_ moment: Timestamp, _ interface: Int) -> Bool {
    guard interface < surroundings.count, let begin = surroundings[interface].begin else { return true }
    return (moment - begin).isWithin(Self.earlyTime)
  }

  /// Counts frames that were taken for ingress by their addresses alone; the summary reports them.
  mutating func noteBelieved(_ frames: Int, _ interface: Int) {
    if reach(interface) { surroundings[interface].believed &+= frames }
  }

  mutating func setPrefixes(_ prefixes: [IPPrefix], of interface: Int) {
    guard reach(interface) else { return }
    surroundings[interface].prefixes = prefixes
    hasPrefixes = hasPrefixes || !prefixes.isEmpty
  }

  /// Whether a packet goes out with an address that is not one of those known for the interface. False if no address of
  /// its family is known; a NIC's own must be known, because of NAT. On an interface without a role, only senders that
  /// are stated, or that have sent from an audited address, are checked.
  func isForeign(_ packet: DecodedPacket, _ link: LinkAddresses?, _ place: Place) -> Bool {
    let source = packet.source
    if auditedFamilies.isEmpty, !hasPrefixes { return false }
    switch AddressScope(source) {
    case .linkLocal, .unspecified: return false
    default: break
    }
    let known = place.interface < surroundings.count ? surroundings[place.interface] : nil
    let own = known?.prefixes ?? []
    var isFamilyKnown = false
    for index in own.indices where own[index].address.family == source.family {
      if own[index].contains(source) { return false }
      isFamilyKnown = true
    }
    let usesPolicy =
      switch place.role {
      case .nic: isFamilyKnown
      case .bridge: true
      case nil: link.map { isProven($0) } == true
      }
    guard usesPolicy else { return false }
    if auditedFamilies.contains(source.family) {
      if audited.contains(source) { return false }
      isFamilyKnown = true
    }
    guard isFamilyKnown, addresses.find(source)?.meaning.contains(.tunnelAddress) != true else { return false }
    return allowRules.directory.names[source] == nil
  }
}
