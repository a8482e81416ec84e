public import Wire

/// A UDP datagram (RFC 768), without a checksum. `length` overrides the length field.
public func udp(_ source: UInt16, _ destination: UInt16, _ payload: [UInt8] = [], length: Int? = nil) -> [UInt8] {
  bigEndian(source) + bigEndian(destination) + bigEndian(UInt16(truncatingIfNeeded: length ?? 8 + payload.count))
    + [0, 0] + payload
}

/// A TCP segment (RFC 9293), without a checksum. `flags`: 0x02 SYN, 0x10 ACK, 0x18 PSH and ACK.
public func tcp(
  _ source: UInt16, _ destination: UInt16, _ payload: [UInt8] = [], flags: UInt8 = 0x18, sequence: UInt32 = 1,
  dataOffset: Int = 20
) -> [UInt8] {
  bigEndian(source) + bigEndian(destination) + bigEndian(sequence)
    + [0, 0, 0, 1, UInt8(dataOffset / 4) << 4, flags, 0xFF, 0xFF] + [0, 0, 0, 0] + filler(max(0, dataOffset - 20), 0)
    + payload
}

/// An ICMP message (RFC 792, RFC 4443) without a checksum: `rest` is the word behind the first.
public func icmp(_ type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
  [type, code, 0, 0] + bigEndian(rest) + payload
}

/// An echo request (8, ICMPv6 128) or reply (0, ICMPv6 129).
public func icmpEcho(_ type: UInt8, identifier: UInt16, sequence: UInt16 = 1) -> [UInt8] {
  icmp(type, rest: UInt32(identifier) << 16 | UInt32(sequence), filler(56))
}

/// A whole UDP packet with its checksum, `from` and `to` as `192.0.2.1:53` or `[2001:db8::1]:53`.
public func udpPacket(
  _ from: String, _ to: String, _ payload: [UInt8] = filler(4), fragment: Fragmentation? = nil
) -> [UInt8] {
  let (source, destination) = (endpoint(from), endpoint(to))
  var datagram = udp(source.port, destination.port, payload)
  let sum = transportChecksum(datagram, .udp, source.address, destination.address)
  // RFC 768: a sum of zero is sent as all ones, because zero means no checksum.
  datagram.replaceSubrange(6..<8, with: bigEndian(sum == 0 ? .max : sum))
  return ip(from: source.address, to: destination.address, .udp, datagram, fragment: fragment)
}

/// A whole TCP packet with its checksum, `from` and `to` as `192.0.2.1:53` or `[2001:db8::1]:53`.
public func tcpPacket(
  _ from: String, _ to: String, _ payload: [UInt8] = [], flags: UInt8 = 0x18, sequence: UInt32 = 1
) -> [UInt8] {
  let (source, destination) = (endpoint(from), endpoint(to))
  var segment = tcp(source.port, destination.port, payload, flags: flags, sequence: sequence)
  let sum = transportChecksum(segment, .tcp, source.address, destination.address)
  segment.replaceSubrange(16..<18, with: bigEndian(sum))
  return ip(from: source.address, to: destination.address, .tcp, segment)
}

/// A whole ICMP or ICMPv6 packet, by the addresses' family, with its checksum.
public func icmpPacket(_ from: String, _ to: String, _ message: [UInt8]) -> [UInt8] {
  let (source, destination) = (address(from), address(to))
  let number: IPProtocol = source.isIPv4 ? .icmp : .icmpv6
  var message = message
  let sum =
    source.isIPv4 ? internetChecksum(message) : transportChecksum(message, number, source, destination)
  message.replaceSubrange(2..<4, with: bigEndian(sum))
  return ip(from: source, to: destination, number, message)
}

/// The checksum over the pseudo-header and a message whose checksum field is zero (RFC 9293 section 3.1,
/// RFC 8200 section 8.1).
public func transportChecksum(
  _ message: [UInt8], _ number: IPProtocol, _ source: IPAddress, _ destination: IPAddress
) -> UInt16 {
  internetChecksum(
    octets(source) + octets(destination) + bigEndian(UInt32(message.count)) + [0, 0, 0, number.rawValue] + message)
}

/// A WireGuard message (whitepaper section 5.4): a type, three reserved bytes, and filler up to `length`.
public func wireGuard(_ type: UInt8, length: Int, reserved: [UInt8] = [0, 0, 0]) -> [UInt8] {
  Array(([type] + reserved + filler(max(0, length - 4))).prefix(length))
}

/// Each message of WireGuard at its usual length.
public enum WireGuardSample {
  public static var initiation: [UInt8] { wireGuard(1, length: 148) }
  public static var response: [UInt8] { wireGuard(2, length: 92) }
  public static var cookie: [UInt8] { wireGuard(3, length: 64) }
  public static var keepalive: [UInt8] { wireGuard(4, length: 32) }
  public static var data: [UInt8] { wireGuard(4, length: 128) }
}

/// Handshake and transport messages with their indices (WireGuard whitepaper section 5.4), little-endian; the rest is
/// filler.
public func wireGuardInitiation(sender: UInt32) -> [UInt8] {
  [1, 0, 0, 0] + littleEndian(sender) + filler(140)
}

public func wireGuardResponse(sender: UInt32, receiver: UInt32) -> [UInt8] {
  [2, 0, 0, 0] + littleEndian(sender) + littleEndian(receiver) + filler(80)
}

public func wireGuardData(receiver: UInt32, counter: UInt64 = 0, length: Int = 96) -> [UInt8] {
  [4, 0, 0, 0] + littleEndian(receiver) + littleEndian(counter) + filler(max(16, length - 16))
}

/// A message of WireGuard's as AmneziaWG sends it: random bytes before it, and another header, little-endian.
public func amnezia(_ message: [UInt8], padding: Int, header: UInt32) -> [UInt8] {
  filler(padding, 0xEE) + littleEndian(header) + message.dropFirst(4)
}

/// A message with bytes in WireGuard's reserved ones, as WARP's clients send it.
public func reserved(_ message: [UInt8], _ bytes: [UInt8] = [0x4E, 0x21, 0x9A]) -> [UInt8] {
  [message[0]] + bytes + message.dropFirst(4)
}

/// A message as Mullvad's LWO sends it, version 1: the header XORed with the key, and the second byte random with its
/// highest bit.
public func lwo1(_ message: [UInt8], key: [UInt8], mark: UInt8) -> [UInt8] {
  let end = message[0] == 4 ? 32 : message.count
  var hidden = message
  for index in 0..<min(end, message.count) { hidden[index] ^= key[index % 32] }
  hidden[1] = mark
  return hidden
}

/// The same in version 2, with random bytes behind a handshake.
public func lwo2(_ message: [UInt8], key: [UInt8], padding: Int = 0) -> [UInt8] {
  if message[0] == 3 { return message }
  var hidden = message + filler(padding, 0x77)
  let mix = UInt8(truncatingIfNeeded: hidden.count)
  for index in 0..<(message[0] == 4 ? 16 : message.count) {
    hidden[index] ^= key[index % 32] &+ mix &+ UInt8(truncatingIfNeeded: index)
  }
  hidden[1] = (key[0] &+ mix) & 0x3F | 0x40
  return hidden
}
