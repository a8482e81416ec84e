public import Wire

// What lies below IP, outermost first when composed: ethernet(vlan(7, .ipv4, packet), .vlan).

/// Ethernet II (IEEE 802.3 clause 3), or with `type` up to 1500 the length field of IEEE 802.3.
public func ethernet(
  _ payload: [UInt8], _ type: EtherType = .ipv4, from source: MACAddress = MACAddress(0x02_00_00_00_00_01),
  to destination: MACAddress = MACAddress(0x02_00_00_00_00_02)
) -> [UInt8] {
  octets(destination) + octets(source) + bigEndian(type.rawValue) + payload
}

/// The six octets of a MAC address.
public func octets(_ address: MACAddress) -> [UInt8] { Array(bigEndian(address.value)[2...]) }

/// The rest of a tag after the EtherType that announced it (IEEE 802.1Q).
public func vlan(_ identifier: UInt16, _ type: EtherType, _ payload: [UInt8]) -> [UInt8] {
  bigEndian(identifier) + bigEndian(type.rawValue) + payload
}

/// Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL).
public func cooked(
  _ payload: [UInt8], _ type: EtherType = .ipv4, packetType: UInt16 = 0, hardwareType: UInt16 = 1,
  from source: MACAddress = MACAddress(0x02_00_00_00_00_01)
) -> [UInt8] {
  bigEndian(packetType) + bigEndian(hardwareType) + [0, 6] + octets(source) + [0, 0] + bigEndian(type.rawValue)
    + payload
}

/// Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2).
public func cooked2(
  _ payload: [UInt8], _ type: EtherType = .ipv4, packetType: UInt8 = 0, hardwareType: UInt16 = 1,
  from source: MACAddress = MACAddress(0x02_00_00_00_00_01), index: UInt32 = 3
) -> [UInt8] {
  bigEndian(type.rawValue) + [0, 0] + bigEndian(index) + bigEndian(hardwareType) + [packetType, 6] + octets(source)
    + [0, 0] + payload
}

/// A packet as a rule of netfilter logs it (LINKTYPE_NFLOG), with the attributes that Linux sends: header, time, interface,
/// the rule's prefix, the sender's user, and the packet.
public func nflog(
  _ packet: [UInt8], family: UInt8, _ type: EtherType = .ipv4, isBigEndian: Bool = false, prefix: String = "out",
  isPadded: Bool = true
) -> [UInt8] {
  func number(_ value: UInt16) -> [UInt8] { isBigEndian ? bigEndian(value) : littleEndian(value) }
  func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    number(UInt16(value.count + 4)) + number(type) + value + [UInt8](repeating: 0, count: -value.count & 3)
  }
  return [family, 0, 0, 5] + attribute(1, bigEndian(type.rawValue) + [3, 0]) + attribute(3, filler(16))
    + attribute(5, bigEndian(UInt32(2))) + attribute(10, Array(prefix.utf8) + [0])
    + attribute(11, bigEndian(UInt32(1000)))
    + (isPadded ? attribute(9, packet) : number(UInt16(packet.count + 4)) + number(9) + packet)
}

/// A PPPoE session packet (RFC 2516 section 4); `length` overrides the length field.
public func pppoe(_ payload: [UInt8], code: UInt8 = 0, length: Int? = nil) -> [UInt8] {
  [0x11, code, 0x00, 0x01] + bigEndian(UInt16(length ?? payload.count)) + payload
}

/// A PPP packet (RFC 1661 section 2): 0x0021 is IPv4, 0x0057 IPv6, 0xC021 LCP.
public func ppp(_ payload: [UInt8], _ protocolNumber: UInt16 = 0x0021) -> [UInt8] {
  bigEndian(protocolNumber) + payload
}

/// The address and control bytes that HDLC-like framing puts before PPP (RFC 1662 section 3.1).
public func hdlc(_ payload: [UInt8]) -> [UInt8] { [0xFF, 0x03] + payload }

/// Cisco HDLC: address 0F (unicast), control 0, an EtherType.
public func ciscoHDLC(_ payload: [UInt8], _ type: EtherType = .ipv4) -> [UInt8] {
  [0x0F, 0x00] + bigEndian(type.rawValue) + payload
}

/// A label stack (RFC 3032 section 2.1); the last label carries the bottom-of-stack bit.
public func mpls(_ labels: [UInt32], _ payload: [UInt8]) -> [UInt8] {
  labels.enumerated().flatMap { index, label in
    bigEndian(label << 12 | (index == labels.count - 1 ? 0x100 : 0) | 64)
  } + payload
}

/// LLC with SNAP (IEEE 802.2, RFC 1042): AA AA 03, an OUI, an EtherType.
public func snap(_ payload: [UInt8], _ type: EtherType = .ipv4, oui: [UInt8] = [0, 0, 0]) -> [UInt8] {
  [0xAA, 0xAA, 0x03] + oui + bigEndian(type.rawValue) + payload
}

/// An IEEE 802.3 frame: the length field counts what follows.
public func ieee8023(_ llc: [UInt8], from source: MACAddress = MACAddress(0x02_00_00_00_00_01)) -> [UInt8] {
  ethernet(llc, EtherType(rawValue: UInt16(llc.count)), from: source)
}
