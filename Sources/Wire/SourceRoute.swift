/// The destinations that a packet names beside the one in its IP header: IPv4's source route options, and IPv6's routing
/// headers with segments left.
///
/// All addresses of a list are given, those already passed too: their nodes have had the packet, and what says how many are
/// passed is as much the sender's own word as the rest. Bounded by the headers: at most nine in IPv4.
public struct SourceRoute: ~Escapable {
  /// From the IP header on, as far as it was captured.
  private let bytes: RawSpan
  private let first: IPProtocol
  private let isIPv4: Bool
  public let count: Int
  /// Whether these are all. False where headers are cut, malformed, or of a type whose addresses are not known.
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

  /// Each costs a walk over the headers before it.
  public subscript(index: Int) -> IPAddress {
    let offset = offset(of: index)
    return isIPv4 ? bytes.ipv4Address(at: offset) : bytes.ipv6Address(at: offset)
  }

  /// Where an address stands, from the IP header on.
  public func offset(of index: Int) -> Int {
    precondition(index >= 0 && index < count, "no such address in the route")
    return Self.walk(bytes, first, isIPv4: isIPv4, to: index).offset
  }

  /// What a walk found: where the address of the index stands, or how many there are.
  private struct Found {
    var passed = 0
    var offset = 0
    var isReadable = true

    /// Passes a list of addresses. True where it holds the one that is looked for.
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

  /// As `ExtensionHeaders.walk` went, which ends where a route cannot be read.
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
      // The middle of something follows, not a header.
      if number == .fragment, rest.uint16(at: 2) & 0xFFF8 != 0 { break }
      number = IPProtocol(rawValue: rest.uint8(at: 0))
      offset += length
    }
    return found
  }
}
