/// The chain of extension headers behind an IPv6 header (RFC 8200 section 4, and the registry
/// https://www.iana.org/assignments/ipv6-parameters), and AH behind an IPv4 header, walked up to the
/// first header that is none, or to ESP, behind which all is encrypted.
struct ExtensionHeaders {
  /// The upper-layer protocol, or the header at which the walk ended.
  var protocolNumber: IPProtocol
  /// Bytes of extension headers passed.
  var length = 0
  var fragment = FragmentState.whole
  var identification: UInt32 = 0

  /// RFC 8200 names each header once, destination options twice; no honest packet comes near this.
  static var maximumCount: Int { 32 }

  /// Walks from `first` over `bytes`, which begin behind the IP header.
  ///
  /// The walk ends at the error that stopped it, so that what was learned before still counts.
  static func walk(_ first: IPProtocol, _ bytes: RawSpan, isIPv6: Bool) -> (headers: Self, error: WireError?) {
    var headers = Self(protocolNumber: first)
    var hasFragmentHeader = false
    for _ in 0..<maximumCount {
      let layer: WireError.Layer
      switch headers.protocolNumber {
      case .authentication: layer = .authentication
      case .hopByHop, .routing, .fragment, .destinationOptions, .mobility, .hip, .shim6, .experiment1,
        .experiment2:
        guard isIPv6 else { return (headers, nil) }
        layer = .ipv6Extension
      default: return (headers, nil)
      }
      let rest = bytes.extracting(droppingFirst: headers.length)
      guard rest.byteCount >= 8 else {
        return (headers, .truncated(layer, needed: 8, available: rest.byteCount))
      }
      let next = IPProtocol(rawValue: rest.uint8(at: 0))
      let length: Int
      switch headers.protocolNumber {
      case .fragment:
        // A second fragment header would let one packet be two fragments at once.
        guard !hasFragmentHeader else { return (headers, .malformed(layer)) }
        hasFragmentHeader = true
        length = 8
        let offsetAndFlag = rest.uint16(at: 2)
        headers.identification = rest.uint32(at: 4)
        headers.fragment = FragmentState(offset: Int(offsetAndFlag & 0xFFF8), more: offsetAndFlag & 1 != 0)
      case .authentication:
        // RFC 4302 section 2.2: the length counts 32-bit words, minus two; three words are fixed.
        length = (Int(rest.uint8(at: 1)) + 2) * 4
        guard length >= 12 else { return (headers, .malformed(layer)) }
      default:
        length = (Int(rest.uint8(at: 1)) + 1) * 8
      }
      headers.protocolNumber = next
      headers.length += length
      // Behind the header of a later fragment comes the middle of something, not a header.
      if headers.fragment == .later { return (headers, nil) }
      guard headers.length <= bytes.byteCount else {
        return (headers, .truncated(layer, needed: length, available: rest.byteCount))
      }
    }
    return (headers, .malformed(isIPv6 ? .ipv6Extension : .authentication))
  }
}

/// What part of a datagram a packet carries.
public enum FragmentState: UInt8, Sendable, BitwiseCopyable {
  case whole, first, later

  init(offset: Int, more: Bool) {
    // Offset 0 and no more to come is a whole datagram; IPv6 calls it an atomic fragment (RFC 6946).
    self = offset > 0 ? .later : more ? .first : .whole
  }
}
