package import Wire

/// One kind of attempt to reach something, which a drill repeats while it pulls at the kill switch.
///
/// No two probes of the catalogue with an address of their own share destination, transport and port, so a packet on the
/// wire names its probe.
package struct Probe: Sendable {
  /// Stands in the names of its attempts (`ProbeName`). Never given to another probe.
  package let number: Int
  /// Stays the same between versions: documents and scripts name probes by it.
  package let id: String
  /// What it tries, in plain English.
  package let what: String
  package let transport: IPProtocol
  package let target: Target
  /// 0 for a transport without ports.
  package let port: UInt16
  /// Whether it stays on the machine's own network: that it gets out is then no leak by itself.
  package let isLocal: Bool
  /// Whether it asks a host that a drill of a running stack cannot know to be the user's.
  package let asksStranger: Bool
  /// Whether only somebody sends like this who means to get around the kill switch, and no ordinary application.
  package var isDeliberate: Bool {
    switch way {
    case .marked, .frame: true
    default: false
    }
  }
  /// Whether Docker's resolver forwards what it asks.
  package var asksDockersResolver: Bool {
    if case .address(IPAddress(v4: 0x7F00_000B)) = target { true } else { false }
  }
  /// Whether it asks the resolver of the container's resolv.conf.
  package var asksContainerResolver: Bool {
    if case .containerResolver = target { true } else { false }
  }
  let way: Way
  let message: ProbeMessage

  /// Whom it tries to reach.
  package enum Target: Sendable {
    case address(IPAddress)
    /// The resolver in the container's own resolv.conf.
    case containerResolver
    /// The resolver inside the tunnel.
    case tunnelResolver
    case lanResolver
    /// The host of the tunnel's other end.
    case endpoint
  }

  /// How its packets leave the process.
  enum Way: Sendable {
    /// A socket for each attempt.
    case usual
    /// One socket for all attempts, opened in the first round and kept.
    case steady
    /// The same, with SO_MARK.
    case marked(UInt32)
    /// The same, with SO_BINDTODEVICE; a link-local destination is on that interface, too.
    case device(String)
    /// The same, bound to the tunnel's own address.
    case tunnelAddress
    /// The same, whatever its length: without the bit that forbids fragments, or with it (ip(7), IP_MTU_DISCOVER).
    case fragmented, unfragmented
    /// The transport's header is made here.
    case raw
    /// The whole packet is made here and handed to this interface, past routes and netfilter.
    case frame(String)
    case broadcast
  }

  init(
    _ number: Int, _ id: String, _ what: String, _ transport: IPProtocol, _ target: Target, _ port: UInt16,
    _ message: ProbeMessage, way: Way = .usual, isLocal: Bool = false, asksStranger: Bool = false
  ) {
    self.number = number
    self.id = id
    self.what = what
    self.transport = transport
    self.target = target
    self.port = port
    self.isLocal = isLocal
    self.asksStranger = asksStranger
    self.way = way
    self.message = message
  }
}

extension Probe.Target {
  /// An address of the drill's internet, 198.51.100.0/24 (RFC 5737).
  static func internet(_ last: UInt8) -> Self { .address(IPAddress(v4: 0xC633_6400 | UInt32(last))) }

  /// An address of the drill's internet, 2001:db8:51::/64 (RFC 3849).
  static func internet6(_ last: UInt16) -> Self {
    .address(IPAddress(v6High: 0x2001_0DB8_0051_0000, low: UInt64(last)))
  }

  static func v4(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) -> Self {
    .address(IPAddress(v4: UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)))
  }
}
