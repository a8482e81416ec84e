public import Wire

/// An ARP packet for IPv4 over Ethernet (RFC 826): 1 is a request, 2 a reply.
public func arp(
  _ operation: UInt16, _ sender: String, _ target: String, from mac: MACAddress = MACAddress(0x02_00_00_00_00_01)
) -> [UInt8] {
  bigEndian(UInt16(1)) + bigEndian(EtherType.ipv4.rawValue) + [6, 4] + bigEndian(operation) + octets(mac)
    + octets(address(sender)) + filler(6, 0) + octets(address(target))
}
