public import Wire

/// An address from its text. Traps on an invalid text: a mistake in the test itself.
public func address(_ text: String) -> IPAddress {
  guard let address = IPAddress(text) else { fatalError("no address: \(text)") }
  return address
}

/// `192.0.2.1:53` or `[2001:db8::1]:53`. Traps on an invalid text: a mistake in the test itself.
public func endpoint(_ text: String) -> Endpoint {
  guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
    let host = IPAddress(text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" })
  else { fatalError("no endpoint: \(text)") }
  return Endpoint(address: host, port: port)
}

/// 4 or 16 bytes.
public func octets(_ address: IPAddress) -> [UInt8] {
  address.isIPv4 ? bigEndian(UInt32(truncatingIfNeeded: address.low)) : bigEndian(address.high) + bigEndian(address.low)
}

/// A packet's fragment fields: its offset in bytes, a multiple of eight, and whether more follow.
public struct Fragmentation: Sendable {
  public var offset: Int
  public var more: Bool
  public var identification: UInt32

  public init(offset: Int, more: Bool, identification: UInt32 = 0x1234) {
    self.offset = offset
    self.more = more
    self.identification = identification
  }
}

/// An IPv4 packet (RFC 791) with a correct header checksum. `totalLength` overrides the length field;
/// `options` are padded with zeros to whole words.
public func ipv4(
  from source: IPAddress, to destination: IPAddress, _ protocolNumber: IPProtocol, _ payload: [UInt8],
  options: [UInt8] = [], totalLength: Int? = nil, fragment: Fragmentation? = nil
) -> [UInt8] {
  let padded = options + filler((4 - options.count % 4) % 4, 0)
  let headerLength = 20 + padded.count
  var flags = UInt16((fragment?.offset ?? 0) / 8)
  if fragment?.more == true { flags |= 0x2000 }
  var header: [UInt8] = [0x40 | UInt8(headerLength / 4), 0]
  header += bigEndian(UInt16(truncatingIfNeeded: totalLength ?? headerLength + payload.count))
  header += bigEndian(UInt16(truncatingIfNeeded: fragment?.identification ?? 0)) + bigEndian(flags)
  header += [64, protocolNumber.rawValue, 0, 0] + octets(source) + octets(destination) + padded
  header.replaceSubrange(10..<12, with: bigEndian(internetChecksum(header)))
  return header + payload
}

/// An IPv6 packet (RFC 8200). `payloadLength` overrides the length field.
public func ipv6(
  from source: IPAddress, to destination: IPAddress, _ next: IPProtocol, _ payload: [UInt8], payloadLength: Int? = nil
) -> [UInt8] {
  let length = UInt16(truncatingIfNeeded: payloadLength ?? payload.count)
  return [0x60, 0, 0, 0] + bigEndian(length) + [next.rawValue, 64] + octets(source) + octets(destination) + payload
}

/// A packet of the addresses' family; a fragment gets a fragment header in IPv6.
public func ip(
  from source: IPAddress, to destination: IPAddress, _ protocolNumber: IPProtocol, _ payload: [UInt8],
  fragment: Fragmentation? = nil
) -> [UInt8] {
  if source.isIPv4 { return ipv4(from: source, to: destination, protocolNumber, payload, fragment: fragment) }
  guard let fragment else { return ipv6(from: source, to: destination, protocolNumber, payload) }
  return ipv6(from: source, to: destination, .fragment, fragmentHeader(protocolNumber, fragment) + payload)
}

/// An IPv6 extension header of `length` bytes, a multiple of eight, its options all Pad1 (RFC 8200 section 4).
public func extensionHeader(_ next: IPProtocol, length: Int = 8) -> [UInt8] {
  [next.rawValue, UInt8(length / 8 - 1)] + filler(length - 2, 0)
}

/// The IPv6 fragment header (RFC 8200 section 4.5).
public func fragmentHeader(_ next: IPProtocol, _ fragment: Fragmentation) -> [UInt8] {
  [next.rawValue, 0] + bigEndian(UInt16(fragment.offset & ~7) | (fragment.more ? 1 : 0))
    + bigEndian(fragment.identification)
}

/// An authentication header (RFC 4302 section 2): twelve fixed bytes and the check value.
public func authenticationHeader(_ next: IPProtocol, checkLength: Int = 12) -> [UInt8] {
  [next.rawValue, UInt8((12 + checkLength) / 4 - 2), 0, 0] + bigEndian(UInt32(0x100)) + bigEndian(UInt32(1))
    + filler(checkLength)
}

/// The ones' complement checksum of RFC 1071 over bytes whose checksum field is zero.
public func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for index in stride(from: 0, to: bytes.count, by: 2) {
    sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
  }
  while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
  return ~UInt16(sum)
}
