import Policy
import Wire

/// The addresses that the policy mentions, found by one probe or two.
///
/// Open addressing at no more than a quarter full. The keys come from the policy, not from the wire, so no packet can
/// choose collisions.
struct SpecialAddresses: Sendable {
  struct Entry: Sendable, BitwiseCopyable {
    var address: IPAddress
    var meaning: Meaning = []
    /// The endpoints at this address: a range of `ports`.
    var firstEndpoint: UInt16 = 0
    var endpointCount: UInt16 = 0
    /// The position in the policy's `resolvers`.
    var resolver: UInt16 = 0
  }

  struct Meaning: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt8
    static var endpoint: Self { Self(rawValue: 1) }
    static var tunnelAddress: Self { Self(rawValue: 2) }
    static var tunnelResolver: Self { Self(rawValue: 4) }
    static var resolver: Self { Self(rawValue: 8) }
  }

  /// An endpoint's port and shape, and its position in the policy.
  struct Port: Sendable, BitwiseCopyable {
    var port: UInt16
    var transport: TunnelEndpoint.Transport
    var shape: TunnelEndpoint.Shape
    var position: Int16
  }

  private var entries: [Entry] = []
  /// Position in `entries` plus one; zero is an empty slot.
  private var slots: [UInt16]
  private let mask: Int
  private(set) var ports: [Port] = []

  init(_ policy: TunnelPolicy) {
    var byAddress: [IPAddress: Entry] = [:]
    func mark(_ address: IPAddress, _ meaning: Meaning, resolver: UInt16 = 0) {
      byAddress[address, default: Entry(address: address)].meaning.insert(meaning)
      if meaning == .resolver { byAddress[address]?.resolver = resolver }
    }
    let endpoints = policy.endpoints.prefix(Int(Int16.max)).enumerated()
      .sorted { ($0.element.value.endpoint.address, $0.offset) < ($1.element.value.endpoint.address, $1.offset) }
    for (position, stated) in endpoints {
      let endpoint = stated.value
      mark(endpoint.endpoint.address, .endpoint)
      if byAddress[endpoint.endpoint.address]?.endpointCount == 0 {
        byAddress[endpoint.endpoint.address]?.firstEndpoint = UInt16(ports.count)
      }
      byAddress[endpoint.endpoint.address]?.endpointCount += 1
      ports.append(
        Port(
          port: endpoint.endpoint.port, transport: endpoint.transport, shape: endpoint.shape, position: Int16(position))
      )
    }
    for stated in policy.tunnelAddresses { mark(stated.value, .tunnelAddress) }
    for stated in policy.tunnelResolvers { mark(stated.value, .tunnelResolver) }
    for (position, stated) in policy.resolvers.enumerated() {
      mark(stated.value, .resolver, resolver: UInt16(clamping: position))
    }
    var capacity = 16
    while capacity < byAddress.count * 4 { capacity *= 2 }
    mask = capacity - 1
    slots = Array(repeating: 0, count: capacity)
    for entry in byAddress.values.prefix(Int(UInt16.max) - 1) {
      entries.append(entry)
      var slot = Self.hash(entry.address) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt16(entries.count)
    }
  }

  /// What the policy says about an address; nil for most.
  func find(_ address: IPAddress) -> Entry? {
    var slot = Self.hash(address) & mask
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.address == address { return entry }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// The endpoint at an entry's address that a packet goes to, by protocol and port; nil if there is none or the packet
  /// has no ports.
  func portOfDestination(_ packet: DecodedPacket, at entry: Entry) -> Port? {
    port(packet.destinationPort, packet, of: entry)
  }

  /// The endpoint at an entry's address that a packet comes from.
  func portOfSource(_ packet: DecodedPacket, at entry: Entry) -> Port? { port(packet.sourcePort, packet, of: entry) }

  private func port(_ port: UInt16, _ packet: DecodedPacket, of entry: Entry) -> Port? {
    guard packet.hasPorts, let transport = TunnelEndpoint.Transport(packet.protocolNumber) else { return nil }
    for index in Int(entry.firstEndpoint)..<Int(entry.firstEndpoint + entry.endpointCount)
    where ports[index].port == port && ports[index].transport == transport {
      return ports[index]
    }
    return nil
  }

  private static func hash(_ address: IPAddress) -> Int {
    var hash = KeyHash(seed: 0)
    hash.mix(address.low, address.high)
    return Int(truncatingIfNeeded: hash.value)
  }
}

extension TunnelEndpoint.Transport {
  /// Nil for a protocol that carries none of these tunnels.
  init?(_ number: IPProtocol) {
    switch number {
    case .udp: self = .udp
    case .tcp: self = .tcp
    default: return nil
    }
  }
}
