/// Where the stack's packets are seen, as in the manual's examples.
enum Layout: CaseIterable {
  /// On the bridge alone.
  case bridge
  /// On the bridge, and after NAT on the NIC: a file each.
  case bridgeAndNIC
  /// On the container's veth, on the bridge and on the NIC, in one capture: `tcpdump -i any`.
  case all

  var files: [(suffix: String, linkType: UInt32)] {
    switch self {
    case .bridge: [(".pcap", 1)]
    case .bridgeAndNIC: [(".bridge.pcap", 1), (".nic.pcap", 1)]
    case .all: [(".pcap", 276)]
    }
  }

  /// The row of the table that has only tunnel traffic.
  var tunnelRow: String {
    switch self {
    case .bridge: "tunnel"
    case .bridgeAndNIC: "tunnel-two"
    case .all: "tunnel-any"
    }
  }

  /// What the audit is told about the captures.
  func roles(_ name: String) -> [String] {
    switch self {
    case .bridge: []
    case .bridgeAndNIC: ["--role", "\(name).bridge.pcap=bridge", "--role", "\(name).nic.pcap=nic"]
    case .all: ["--role", "\(Self.bridgeIndex)=bridge", "--role", "\(Self.nicIndex)=nic"]
    }
  }

  static var nicIndex: UInt32 { 2 }
  static var bridgeIndex: UInt32 { 3 }
  static func portIndex(_ station: UInt8) -> UInt32 { 10 + UInt32(station) }
}

/// How a packet passes the machine.
enum Way {
  /// From a container through bridge and NIC.
  case leaving
  /// Back to it.
  case returning
  /// From one container to another.
  case inside
}
