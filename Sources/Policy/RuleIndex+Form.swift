package import PacketFilter

extension RuleIndex {
  /// A TCP or UDP packet, not a fragment, whose headers were captured whole, without IP options or extension headers.
  public struct Form: Sendable, BitwiseCopyable {
    public var isIPv6: Bool
    public var isTCP: Bool
    /// The length of the TCP or UDP header, in bytes.
    public var headerLength: Int
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    /// Whether it is a TCP segment with data that neither begins nor ends a connection, without urgent data, and its IP
    /// header says how long it is.
    public var isMidStream: Bool

    public init(
      isIPv6: Bool, isTCP: Bool, headerLength: Int, sourcePort: UInt16, destinationPort: UInt16, isMidStream: Bool
    ) {
      self.isIPv6 = isIPv6
      self.isTCP = isTCP
      self.headerLength = headerLength
      self.sourcePort = sourcePort
      self.destinationPort = destinationPort
      self.isMidStream = isMidStream
    }

    /// The payload's offset from the beginning of the IP header.
    var payload: Int { (isIPv6 ? 40 : 20) + headerLength }

    /// The form's number: one for UDP and for each length that a TCP header may have (RFC 9293 section 3.1), times the IP
    /// versions and `isMidStream`. Nil for any other length.
    public var number: Int? {
      guard isTCP ? (20...60).contains(headerLength) && headerLength % 4 == 0 : headerLength == 8 else { return nil }
      return (isTCP ? headerLength / 4 - 4 : 0) * 4 + (isMidStream ? 2 : 0) + (isIPv6 ? 1 : 0)
    }
    static var count: Int { 48 }
  }
}

extension PacketOutline {
  /// The complete headers of a form, as in RFC 791, 8200, 768 and 9293.
  package init(_ form: RuleIndex.Form, _ sourcePorts: ClosedRange<UInt32>, _ destinationPorts: ClosedRange<UInt32>) {
    self.init(payload: form.payload, length: form.payload)
    let transport = form.payload - form.headerLength
    let number = BoundedValue(form.isTCP ? 6 : 17)
    if form.isIPv6 {
      known = [(0, 1, BoundedValue(0x60...0x6F, bits: 0x6F)), (6, 1, number)]
      for word in 2..<10 { known.append((word * 4, 4, BoundedValue(0 ... .max, isSameForFlow: true))) }
    } else {
      // In flags and fragment offset, only the don't-fragment flag and the reserved flag may be set.
      known = [(0, 1, BoundedValue(0x45)), (6, 2, BoundedValue(0...0xC000, bits: 0xC000)), (9, 1, number)]
      for word in 3..<5 { known.append((word * 4, 4, BoundedValue(0 ... .max, isSameForFlow: true))) }
    }
    known += [
      (transport, 2, BoundedValue(sourcePorts, bits: 0xFFFF, isSameForFlow: true)),
      (transport + 2, 2, BoundedValue(destinationPorts, bits: 0xFFFF, isSameForFlow: true)),
    ]
    if form.isMidStream {
      // URG, RST, SYN, FIN are not set; and the IP header's length.
      known.append((transport + 13, 1, BoundedValue(0...0xD8, bits: 0xD8)))
      let (field, least) = form.isIPv6 ? (4, form.headerLength) : (2, form.payload)
      known.append((field, 2, BoundedValue(UInt32(least + 1)...0xFFFF, bits: 0xFFFF)))
    }
    if form.isTCP {
      let offset = UInt32(form.headerLength / 4) << 4
      known.append((transport + 12, 1, BoundedValue(offset...(offset | 0xF), bits: offset | 0xF)))
    }
  }
}
