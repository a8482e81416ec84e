import Wire

/// Packets that are not the tunnel's and name nothing.
extension HostileTraffic {
  mutating func segment() {
    let (source, destination) = pair()
    let flags = choices.pick([0x02, 0x10, 0x18, 0x04, 0x14, 0x01, 0x11, 0x12]) as UInt8
    let ports = choices.byte()
    let sequence: UInt32 = choices.byte() & 1 == 0 ? UInt32(ports) : choices.number()
    send(
      .tcp, from: source, to: destination,
      tcp(
        HostileWorld.ports[Int(ports & 15)], HostileWorld.ports[Int(ports >> 4)], filler(Int(ports & 3) * 3),
        flags: flags,
        sequence: sequence))
  }

  mutating func datagram() {
    let (source, destination) = pair()
    let ports = choices.byte()
    let payload = choices.bytes(Int(choices.byte() & 31))
    sendDatagram(
      from: Endpoint(address: source, port: HostileWorld.ports[Int(ports & 15)]),
      to: Endpoint(address: destination, port: HostileWorld.ports[Int(ports >> 4)]), payload)
  }

  mutating func icmp() {
    let (source, destination) = pair()
    let selector = choices.byte()
    let number: IPProtocol = source.isIPv4 ? .icmp : .icmpv6
    if selector & 1 == 0 {
      let type: UInt8 = source.isIPv4 ? selector & 8 : 128 + (selector >> 3 & 1)
      return send(number, from: source, to: destination, icmpEcho(type, identifier: UInt16(selector >> 4)))
    }
    let quoted = Array(latestPacket.prefix(selector & 2 == 0 ? 48 : Int(selector)))
    send(number, from: source, to: destination, TestSupport.icmp(source.isIPv4 ? 3 : 1, code: selector >> 4, quoted))
  }

  /// ARP, DHCP's routes, router and neighbour discovery.
  mutating func linkLayer() {
    let selector = choices.byte()
    let target = HostileWorld.outside4[Int(selector >> 4)]
    switch selector & 3 {
    case 0, 1:
      guard linkTypes[interface] == .ethernet else { return }
      let asker = HostileWorld.inside4[Int(selector >> 2 & 3)]
      add(frame: ethernet(arp(UInt16(selector & 1) + 1, "\(asker)", "\(target)"), .arp))
    case 2:
      let route = dhcpOption(121, [32] + octets(target) + octets(address("192.168.1.1")))
      sendDatagram(
        from: endpoint("192.168.1.1:67"), to: endpoint("192.168.1.10:68"), dhcp(dhcpOption(53, [5]) + route))
    default:
      let types: [UInt8] = [133, 134, 135, 136, 143]
      send(
        .icmpv6, from: address("fe80::2"), to: address("ff02::1"),
        TestSupport.icmp(types[Int(selector >> 4) % types.count], octets(address("fe80::1"))))
    }
  }

  /// One flow on the premises, long enough to become a steady one.
  mutating func localRow() {
    let selector = choices.byte()
    let destination = HostileWorld.outside4[[4, 5, 6, 4][Int(selector & 3)]]
    for _ in 0...Int(selector >> 5) {
      sendDatagram(
        from: Endpoint(address: HostileWorld.inside4[Int(selector >> 3 & 1)], port: selector & 4 == 0 ? 40000 : 40001),
        to: Endpoint(address: destination, port: 8080), filler(20))
    }
  }

  /// To a port that leads to a container, and its answers.
  mutating func published() {
    let selector = choices.byte()
    let visitor = Endpoint(address: HostileWorld.outside4[Int(selector & 1)], port: 40000)
    let container = Endpoint(address: HostileWorld.inside4[Int(selector >> 1 & 1)], port: HostileWorld.publishedPort)
    let (from, to) = selector & 4 == 0 ? (visitor, container) : (container, visitor)
    send(.tcp, from: from.address, to: to.address, tcp(from.port, to.port, flags: selector & 8 == 0 ? 0x02 : 0x12))
  }

  /// As the program itself sends it, or almost.
  mutating func control() {
    let selector = choices.byte()
    let control = HostileWorld.control
    var packet = control.packet
    if selector & 7 == 7 { packet[Int(selector >> 3)] ^= 1 }
    send(packet)
  }
}
