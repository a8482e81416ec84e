/// A DHCP message for IPv4 (RFC 2131 section 2), up to the first option that is cut:
///
///      0    1     2     3      4      ... 28       44      108    236      240
///     +----+-----+-----+------+---------+--------+-------+------+--------+---------
///     | op | hw  | hw  | hops | xid ... | chaddr | sname | file | magic  | options
///     |    | type| len |      |         |        |       |      | cookie |
///     +----+-----+-----+------+---------+--------+-------+------+--------+---------
public struct DHCPMessage: Sendable {
  public enum Kind: UInt8, Sendable {
    case discover = 1
    case offer, request, decline, acknowledgement, refusal, release, inform
  }

  /// A route that a server hands out (RFC 3442).
  public struct Route: Hashable, Sendable {
    public var destination: IPPrefix
    public var router: IPAddress
  }

  public let isReply: Bool
  public private(set) var kind: Kind?
  /// The server's identifier (option 54).
  public private(set) var server: IPAddress?
  /// Classless static routes from option 121, and from Microsoft's option 249, which has the same format.
  public private(set) var routes: [Route] = []
  /// Whether the message offers routes that cannot be read, or more than `maximumRoutes`.
  public private(set) var hasUnreadRoutes = false

  /// No network needs this many; the limit bounds the cost of a hostile message.
  static var maximumRoutes: Int { 64 }
  private static var optionsOffset: Int { 240 }

  /// Reads a UDP payload. Nil if it is not DHCP. Reading stops at the first option that is cut.
  public init?(_ bytes: RawSpan) {
    // The magic cookie of RFC 2131 section 3.
    guard bytes.byteCount >= Self.optionsOffset, bytes.uint32(at: 236) == 0x6382_5363 else { return nil }
    isReply = bytes.uint8(at: 0) == 2
    var routes = RouteBytes()
    let overload = readOptions(bytes, Self.optionsOffset..<bytes.byteCount, &routes)
    // RFC 3396 section 5: options continue in `file`, then in `sname`.
    if overload & 1 != 0 { _ = readOptions(bytes, 108..<236, &routes) }
    if overload & 2 != 0 { _ = readOptions(bytes, 44..<108, &routes) }
    addRoutes(routes.standard)
    addRoutes(routes.microsoft)
  }

  /// The contents of options 121 and 249. The parts of a split option are joined (RFC 3396 section 7).
  private struct RouteBytes {
    var standard: [UInt8] = []
    var microsoft: [UInt8] = []
  }

  /// Returns the value of option 52, which says which other fields hold options.
  private mutating func readOptions(_ bytes: RawSpan, _ range: Range<Int>, _ routes: inout RouteBytes) -> UInt8 {
    var overload: UInt8 = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let code = bytes.uint8(at: offset)
      if code == 255 { break }
      if code == 0 {
        offset += 1
        continue
      }
      guard offset + 2 <= range.upperBound else { break }
      let value = offset + 2
      let length = Int(bytes.uint8(at: offset + 1))
      guard value + length <= range.upperBound else {
        // A route list that is cut still offers routes.
        hasUnreadRoutes = hasUnreadRoutes || code == 121 || code == 249
        break
      }
      switch (code, length) {
      case (52, 1): overload = bytes.uint8(at: value)
      case (53, 1): kind = Kind(rawValue: bytes.uint8(at: value))
      case (54, 4): server = bytes.ipv4Address(at: value)
      case (121, _): for index in 0..<length { routes.standard.append(bytes.uint8(at: value + index)) }
      case (249, _): for index in 0..<length { routes.microsoft.append(bytes.uint8(at: value + index)) }
      default: break
      }
      offset = value + length
    }
    return overload
  }

  /// RFC 3442: the prefix length, as many octets of the destination as that length needs, then the router.
  private mutating func addRoutes(_ list: [UInt8]) {
    var rest = list[...]
    while let length = rest.first {
      let octets = (Int(length) + 7) / 8
      guard length <= 32, rest.count >= 1 + octets + 4, routes.count < Self.maximumRoutes else {
        hasUnreadRoutes = true
        return
      }
      var destination: UInt32 = 0
      for index in 0..<4 {
        destination = destination << 8 | (index < octets ? UInt32(rest[rest.startIndex + 1 + index]) : 0)
      }
      let router = rest.dropFirst(1 + octets).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      rest = rest.dropFirst(5 + octets)
      let route = Route(
        destination: IPPrefix(IPAddress(v4: destination), length: Int(length)), router: IPAddress(v4: router))
      // Servers send the same list under both option numbers.
      if !routes.contains(route) { routes.append(route) }
    }
  }
}

extension DHCPMessage {
  /// The routes that can take precedence over a tunnel's routes. Left out are the default route, and the on-link route
  /// to the default route's router, which networks with /32 addresses need (RFC 3442).
  public var winningRoutes: [Route] {
    routes.filter { route in
      route.destination.length > 0
        && !(route.destination.length == 32 && route.router.isUnspecified
          && routes.contains { $0.destination.length == 0 && $0.router == route.destination.address })
    }
  }
}
