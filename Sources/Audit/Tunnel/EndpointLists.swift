import Cryptography
import Policy
import Wire

/// Finds the servers of the policy's lists, by binary search. A list may hold tens of thousands, and they are needed
/// only if something like WireGuard goes to an address that is not an Endpoint.
struct EndpointLists: Sendable {
  private struct Entry: Sendable {
    var server: EndpointList.Server
    /// The position of its list in the policy.
    var list: Int
  }

  /// What a handshake initiation shows about its destination.
  enum Identity {
    /// It is a server of a list; if the list gives a key, the initiation is for that key.
    case listed(EndpointList.Server, list: Int)
    /// The initiation is for a key that the policy demands.
    case keyed([UInt8])
    /// The policy demands other keys.
    case foreign
    /// Too little was captured to check the keys of lists or policy. `isListed`: a list names the address.
    case cut(isListed: Bool)
    /// No list of the policy names such a server.
    case unlisted
    /// The policy has neither lists nor keys.
    case open
  }

  /// More keys than providers give one address and port; any further ones were made up.
  private static var mostKeys: Int { 64 }

  private let entries: [Entry]
  /// OpenVPN servers, which have no keys here: the list and transport of each.
  private let openVPN: [Endpoint: [(list: Int, transport: TunnelEndpoint.Transport)]]
  private let keys: [[UInt8]]
  let hasLists: Bool

  init(_ policy: TunnelPolicy) {
    var openVPN: [Endpoint: [(list: Int, transport: TunnelEndpoint.Transport)]] = [:]
    for (list, stated) in policy.endpointLists.enumerated() where stated.value.shape == .openVPN {
      for server in stated.value.servers {
        openVPN[server.endpoint, default: []].append((list, stated.value.transport))
      }
    }
    self.openVPN = openVPN
    entries = policy.endpointLists.enumerated().filter { $1.value.shape != .openVPN }.flatMap { list, stated in
      stated.value.servers.map { Entry(server: $0, list: list) }
    }.sorted { Self.isBefore($0.server.endpoint, $1.server.endpoint) }
    keys = policy.inferredPeerKeys.map(\.value)
    hasLists = policy.endpointLists.contains { $0.value.shape != .openVPN }
  }

  /// Whether a handshake's `mac1` has to be looked at.
  var demandsKeys: Bool { !keys.isEmpty }

  var hasOpenVPN: Bool { !openVPN.isEmpty }

  /// The position of the list that names an OpenVPN server.
  func openVPNList(of endpoint: Endpoint, over transport: TunnelEndpoint.Transport) -> Int? {
    openVPN[endpoint]?.first { $0.transport == transport }?.list
  }

  func names(_ endpoint: Endpoint) -> Bool { !find(endpoint).isEmpty }

  /// What an initiation shows; it begins with its type byte.
  func identity(of endpoint: Endpoint, _ initiation: RawSpan) -> Identity {
    let found = find(endpoint)
    var isCut = false
    for entry in found.prefix(Self.mostKeys) {
      guard let key = entry.server.publicKey else { return .listed(entry.server, list: entry.list) }
      switch PeerKey(publicKey: key)?.authenticates(initiation) {
      case true?: return .listed(entry.server, list: entry.list)
      case false?: break
      case nil: isCut = true
      }
    }
    for key in keys {
      switch PeerKey(publicKey: key)?.authenticates(initiation) {
      case true?: return .keyed(key)
      case false?: break
      case nil: isCut = true
      }
    }
    if isCut { return .cut(isListed: !found.isEmpty) }
    if !keys.isEmpty { return .foreign }
    return hasLists ? .unlisted : .open
  }

  private func find(_ endpoint: Endpoint) -> ArraySlice<Entry> {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = low + (high - low) / 2
      if Self.isBefore(entries[middle].server.endpoint, endpoint) { low = middle + 1 } else { high = middle }
    }
    return entries[low...].prefix { $0.server.endpoint == endpoint }
  }

  private static func isBefore(_ left: Endpoint, _ right: Endpoint) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}
