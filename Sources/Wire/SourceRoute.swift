/// The destinations that a packet names besides the one in its IP header. They come from IPv4's source route options,
/// and from IPv6's routing headers with segments left.
///
/// All addresses of a list are given, also those already passed: their nodes have had the packet, and the sender can
/// forge the number of passed ones like the rest. The headers bound the count: at most nine in IPv4.
public struct SourceRoute: ~Escapable {
  /// The packet from its IP header, as far as it was captured.
  private let bytes: RawSpan
  private let first: IPProtocol
  private let isIPv4: Bool
  public let count: Int
  /// Whether the list is complete. False if headers are cut, malformed, or of a type whose addresses are not known.
  public let isReadable: Bool

  @_lifetime(copy frame)
  public init(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) {
    bytes = packet.packetBytes(frame)
    first = packet.headerProtocol
    isIPv4 = packet.source.isIPv4
    guard packet.hasSourceRoute else {
      (count, isReadable) = (0, true)
      return
    }
    let found = Self.walk(bytes, first, isIPv4: isIPv4, to: .max)
    (count, isReadable) = (found.passed, found.isReadable)
  }

  /// The address at an index. Each access walks over the headers before it.
  public subscript(index: Int) -> IPAddress {
    let offset = offset(of: index)
    return isIPv4 ? bytes.ipv4Address(at: offset) : bytes.ipv6Address(at: offset)
  }

  /// The offset of an address from the beginning of the IP header.
  public func offset(of index: Int) -> Int {
    precondition(index >= 0 && index < count, "no such address in the route")
    return Self.walk(bytes, first, isIPv4: isIPv4, to: index).offset
  }

  /// What a walk found: the offset of the address at the index, or the number of addresses.
  private struct Found {
    var passed = 0
    var offset = 0
    var isReadable = true

    /// Passes a list of addresses. Returns true if the list holds the address at the index.
    mutating func pass(_ start: Int, _ count: Int, _ size: Int, to index: Int) -> Bool {
      if index - passed < count {
        offset = start + (index - passed) * size
        return true
      }
      passed += count
      return false
    }
  }

  private static func walk(_ bytes: RawSpan, _ first: IPProtocol, isIPv4: Bool, to index: Int) -> Found {
    isIPv4 ? walkOptions(bytes, to: index) : walkHeaders(bytes, first, to: index)
  }

  private static func walkOptions(_ bytes: RawSpan, to index: Int) -> Found {
    var found = Found()
    guard let packet = try? IPv4Packet(bytes) else { return found }
    var options = IPv4RouteOptions(packet)
    while let list = options.next() {
      if found.pass(list.lowerBound, list.count / 4, 4, to: index) { return found }
    }
    found.isReadable = options.error == nil
    return found
  }

  /// Walks the same way as `ExtensionHeaders.walk`, which ends where a route cannot be read.
  private static func walkHeaders(_ bytes: RawSpan, _ first: IPProtocol, to index: Int) -> Found {
    var found = Found()
    var number = first
    var offset = IPv6Packet.headerLength
    for _ in 0..<ExtensionHeaders.maximumCount where ExtensionHeaders.isWalked(number) {
      let rest = bytes.extracting(droppingFirst: offset)
      guard rest.byteCount >= 8 else {
        found.isReadable = number != .routing
        return found
      }
      let length = ExtensionHeaders.length(of: number, rest)
      if number == .routing {
        let routing = RoutingHeader(rest)
        if routing.segmentsLeft > 0 {
          guard let count = routing.addressCount, length <= rest.byteCount else {
            found.isReadable = false
            return found
          }
          if found.pass(offset + RoutingHeader.addressOffset, count, 16, to: index) { return found }
        }
      }
      // The middle of the datagram follows, not a header.
      if number == .fragment, rest.uint16(at: 2) & 0xFFF8 != 0 { break }
      number = IPProtocol(rawValue: rest.uint8(at: 0))
      offset += length
    }
    return found
  }
}
