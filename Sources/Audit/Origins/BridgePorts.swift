import Policy
import Wire

/// Finds the interfaces of a capture that are ports of a bridge in it: a container's frame then passes its veth, the
/// bridge and the NIC, and is counted on each.
///
/// A port has no role, and some of the bridge's own stations send in through it.
struct BridgePorts: Sendable {
  /// How many stations of an interface are looked at: a veth has one.
  private static var limit: Int { 64 }

  var isActive = false
  private var stations: [Int: Set<MACAddress>] = [:]
  /// Frames come in runs from one station.
  private var latest: (interface: Int, station: MACAddress)?

  mutating func note(_ frame: borrowing CapturedFrame, at place: Place) {
    guard place.role != .nic, frame.linkType.namesInterfaces, let header = try? LinkHeader(frame),
      header.direction == .incoming, let station = header.source
    else { return }
    if let latest, latest.interface == place.interface, latest.station == station { return }
    latest = (place.interface, station)
    guard stations[place.interface, default: []].count < Self.limit else { return }
    stations[place.interface, default: []].insert(station)
  }

  /// The bridge that an interface without a role is a port of.
  func bridge(of interface: Int, _ interfaces: [InterfaceTally]) -> Int? {
    guard isActive, interfaces[interface].role == nil, let own = stations[interface] else { return nil }
    return interfaces.indices.first { interfaces[$0].role == .bridge && stations[$0]?.isDisjoint(with: own) == false }
  }
}
