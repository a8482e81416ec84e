/// The chain of extension headers after an IPv6 header (RFC 8200 section 4, and the registry
/// https://www.iana.org/assignments/ipv6-parameters), and AH after an IPv4 header. The walk ends at the
/// first header that is not an extension header, or at ESP, after which everything is encrypted.
public struct ExtensionHeaders {
  /// The upper-layer protocol, or the header at which the walk ended.
  var protocolNumber: IPProtocol
  /// The length in bytes of the extension headers passed so far.
  var length = 0
  var fragment = FragmentState.whole
  var identification: UInt32 = 0
  /// Whether a routing header has segments left, or is cut before that field.
  var hasSourceRoute = false

  /// RFC 8200 allows each header once, and destination options twice; no honest packet comes near this.
  public static var maximumCount: Int { 32 }

  /// Walks the headers in `bytes`, which begin right after the IP header, starting with protocol `first`.
  ///
  /// An error ends the walk and is returned beside the result, so that what was learned before it still counts.
  static func walk(_ first: IPProtocol, _ bytes: RawSpan, isIPv6: Bool) -> (headers: Self, error: WireError?) {
    var headers = Self(protocolNumber: first)
    var hasFragmentHeader = false
    for _ in 0..<maximumCount {
      let isAuthentication = headers.protocolNumber == .authentication
      guard isAuthentication || isIPv6 && isWalked(headers.protocolNumber) else { return (headers, nil) }
      let layer: WireError.Layer = isAuthentication ? .authentication : .ipv6Extension
      let rest = bytes.extracting(droppingFirst: headers.length)
      guard rest.byteCount >= 8 else {
        if headers.protocolNumber == .routing { headers.hasSourceRoute = true }
        return (headers, .truncated(layer, needed: 8, available: rest.byteCount))
      }
      let next = IPProtocol(rawValue: rest.uint8(at: 0))
      let length = length(of: headers.protocolNumber, rest)
      switch headers.protocolNumber {
      case .fragment:
        // A second fragment header would let one packet be two fragments at once.
        guard !hasFragmentHeader else { return (headers, .malformed(layer)) }
        hasFragmentHeader = true
        let offsetAndFlag = rest.uint16(at: 2)
        headers.identification = rest.uint32(at: 4)
        headers.fragment = FragmentState(offset: Int(offsetAndFlag & 0xFFF8), more: offsetAndFlag & 1 != 0)
      case .authentication:
        // The fixed part is three words long.
        guard length >= 12 else { return (headers, .malformed(layer)) }
      case .routing:
        let routing = RoutingHeader(rest)
        guard routing.segmentsLeft > 0 else { break }
        headers.hasSourceRoute = true
        // A node that does not know the type drops the packet (RFC 8200 section 4.4); one that does sends it anywhere.
        guard routing.addressCount != nil else { return (headers, .malformed(layer)) }
      default: break
      }
      headers.protocolNumber = next
      headers.length += length
      // In a later fragment, the fragment header is followed by the middle of the datagram, not by a header.
      if headers.fragment == .later { return (headers, nil) }
      guard headers.length <= bytes.byteCount else {
        return (headers, .truncated(layer, needed: length, available: rest.byteCount))
      }
    }
    return (headers, .malformed(isIPv6 ? .ipv6Extension : .authentication))
  }

  /// Whether another header follows this one in IPv6. ESP hides what follows.
  public static func isWalked(_ number: IPProtocol) -> Bool {
    switch number {
    case .authentication, .hopByHop, .routing, .fragment, .destinationOptions, .mobility, .hip, .shim6, .experiment1,
      .experiment2:
      true
    default: false
    }
  }

  /// The length of an extension header. At least its first eight bytes must be in `header`.
  public static func length(of number: IPProtocol, _ header: RawSpan) -> Int {
    switch number {
    case .fragment: 8
    // RFC 4302 section 2.2: 32-bit words, minus two.
    case .authentication: (Int(header.uint8(at: 1)) + 2) * 4
    default: (Int(header.uint8(at: 1)) + 1) * 8
    }
  }
}
