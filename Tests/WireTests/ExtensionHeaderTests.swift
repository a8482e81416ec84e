import TestSupport
import Testing
import Wire

/// The chain of extension headers in IPv6, AH in both, fragments in both.
@Suite struct ExtensionHeaderTests {
  private let source = address("2001:db8::1")
  private let destination = address("2001:db8::2")
  private let datagram = udp(1000, 53, filler(5))

  private func chain(_ first: IPProtocol, _ rest: [UInt8]) -> [UInt8] {
    ipv6(from: source, to: destination, first, rest)
  }

  /// RFC 8200 section 4, RFC 6275, RFC 7401, RFC 5533, RFC 4727.
  @Test(arguments: [0, 43, 60, 135, 139, 140, 253, 254] as [UInt8], [8, 16, 264])
  func `walks over each extension header`(number: UInt8, length: Int) {
    let packet = decode(chain(IPProtocol(rawValue: number), extensionHeader(.udp, length: length) + datagram))
    #expect(packet.error == nil)
    #expect(packet.protocolNumber == .udp)
    #expect(packet.destinationPort == 53)
    #expect(packet.payloadLength == 5)
  }

  @Test func `walks over several extension headers in any order`() {
    let rest =
      extensionHeader(.destinationOptions) + extensionHeader(.routing, length: 16) + extensionHeader(.authentication)
      + authenticationHeader(.destinationOptions) + extensionHeader(.udp) + datagram
    let packet = decode(chain(.hopByHop, rest))
    #expect(packet.error == nil)
    #expect(packet.destinationPort == 53)
  }

  @Test(arguments: [0, 12, 16, 32]) func `walks over AH in both families`(checkLength: Int) {
    let header = authenticationHeader(.udp, checkLength: checkLength)
    let four = decode(ipv4(from: address("10.0.0.1"), to: address("10.0.0.2"), .authentication, header + datagram))
    let six = decode(chain(.authentication, header + datagram))
    for packet in [four, six] {
      #expect(packet.error == nil)
      #expect(packet.protocolNumber == .udp)
      #expect(packet.destinationPort == 53)
    }
  }

  /// RFC 4302 section 2: twelve bytes are fixed, so the length field is at least 1.
  @Test func `refuses an AH shorter than its fixed part`() {
    var header = authenticationHeader(.udp)
    header[1] = 0
    let packet = decode(chain(.authentication, header + datagram))
    #expect(packet.error == .malformed(.authentication))
    #expect(packet.transport == .unknownProtocol)
  }

  @Test func `ends the walk at ESP`() {
    let packet = decode(chain(.hopByHop, extensionHeader(.esp) + filler(40)))
    #expect(packet.error == nil)
    #expect(packet.protocolNumber == .esp)
    #expect(packet.transport == .protocolOnly)
  }

  @Test func `ends the walk at no next header`() {
    let packet = decode(chain(.hopByHop, extensionHeader(.noNextHeader) + filler(8)))
    #expect(packet.error == nil)
    #expect(packet.protocolNumber == .noNextHeader)
  }

  @Test(arguments: [0, 43, 44, 60, 135] as [UInt8])
  func `does not read IPv6 extension headers after IPv4`(number: UInt8) {
    let bytes = ipv4(
      from: address("10.0.0.1"), to: address("10.0.0.2"), IPProtocol(rawValue: number),
      extensionHeader(.udp) + datagram)
    let packet = decode(bytes)
    #expect(packet.protocolNumber.rawValue == number)
    #expect(packet.transport == .protocolOnly)
  }

  @Test func `gives up on an endless chain`() {
    let hops = Array(repeating: extensionHeader(.destinationOptions), count: 200).flatMap { $0 }
    let packet = decode(chain(.destinationOptions, hops))
    #expect(packet.error == .malformed(.ipv6Extension))
    #expect(packet.transport == .unknownProtocol)
    let checks = Array(repeating: authenticationHeader(.authentication), count: 200).flatMap { $0 }
    #expect(
      decode(ipv4(from: address("10.0.0.1"), to: address("10.0.0.2"), .authentication, checks)).error
        == .malformed(.authentication))
  }

  @Test func `reports a chain cut short at each byte`() {
    let whole = chain(.hopByHop, extensionHeader(.destinationOptions, length: 16) + extensionHeader(.udp) + datagram)
    for count in 40..<whole.count {
      let packet = decode(Array(whole.prefix(count)), originalLength: whole.count)
      let expected: WireError? =
        switch count - 40 {
        case 0..<8: .truncated(.ipv6Extension, needed: 8, available: count - 40)
        case 8..<16: .truncated(.ipv6Extension, needed: 16, available: count - 40)
        case 16..<24: .truncated(.ipv6Extension, needed: 8, available: count - 56)
        case 24..<32: .truncated(.udp, needed: 8, available: count - 64)
        default: nil
        }
      #expect(packet.error == expected, "prefix of \(count) bytes")
      #expect((packet.transport == .unknownProtocol) == (count < 64))
    }
  }

  @Test func `ends the chain where the packet ends, not where the frame does`() {
    let bytes = ipv6(from: source, to: destination, .hopByHop, extensionHeader(.udp) + datagram, payloadLength: 4)
    #expect(decode(bytes).error == .truncated(.ipv6Extension, needed: 8, available: 4))
  }

  // Fragments.

  @Test func `reads first and later fragments of both families`() {
    for (from, to) in [("10.0.0.1", "192.0.2.1"), ("fd00::1", "2001:db8::1")] {
      func fragment(_ offset: Int, _ more: Bool) -> DecodedPacket {
        let part = Fragmentation(offset: offset, more: more, identification: 0x7777)
        return decode(ip(from: address(from), to: address(to), .udp, udp(1, 53, filler(32)), fragment: part))
      }
      let first = fragment(0, true)
      #expect(first.fragment == .first && first.identification == 0x7777)
      #expect(first.transport == .header && first.destinationPort == 53)
      for later in [fragment(1480, true), fragment(8, false), fragment(65_528, false)] {
        #expect(later.fragment == .later && later.identification == 0x7777)
        #expect(later.transport == .protocolOnly && later.destinationPort == 0)
      }
      #expect(fragment(0, false).fragment == .whole)
    }
  }

  @Test func `keeps UDP's own length in a first fragment`() {
    let bytes = ip(
      from: address("10.0.0.1"), to: address("192.0.2.1"), .udp, udp(1, 53, filler(24), length: 1480),
      fragment: Fragmentation(offset: 0, more: true))
    let packet = decode(bytes)
    #expect(packet.error == nil)
    #expect(packet.payloadLength == 1472)
  }

  @Test(arguments: [IPProtocol.udp, .tcp]) func `refuses a first fragment too short for its header`(number: IPProtocol)
  {
    for (from, to) in [("10.0.0.1", "192.0.2.1"), ("fd00::1", "2001:db8::1")] {
      let bytes = ip(
        from: address(from), to: address(to), number, Array(tcp(1, 53).prefix(7)),
        fragment: Fragmentation(offset: 0, more: true))
      let packet = decode(bytes)
      #expect(packet.error == .malformed(number == .tcp ? .tcp : .udp))
      #expect(packet.fragment == .first && !packet.hasPorts)
    }
  }

  @Test(arguments: [0, 1, 0x7777] as [UInt32], [0, 8]) func `refuses a second fragment header`(id: UInt32, offset: Int)
  {
    let first = Fragmentation(offset: 0, more: false, identification: id)
    let second = Fragmentation(offset: offset, more: true, identification: id)
    let bytes = chain(.fragment, fragmentHeader(.fragment, first) + fragmentHeader(.udp, second) + datagram)
    #expect(decode(bytes).error == .malformed(.ipv6Extension))
  }

  @Test func `walks headers before and after the fragment header of a first fragment`() {
    let part = Fragmentation(offset: 0, more: true)
    let rest =
      extensionHeader(.fragment) + fragmentHeader(.destinationOptions, part) + extensionHeader(.udp) + datagram
    let packet = decode(chain(.hopByHop, rest))
    #expect(packet.error == nil)
    #expect(packet.fragment == .first && packet.destinationPort == 53)
  }

  @Test func `reads no header after the fragment header of a later fragment`() {
    let part = Fragmentation(offset: 8, more: false)
    let packet = decode(chain(.fragment, fragmentHeader(.destinationOptions, part) + filler(8, 0xFF)))
    #expect(packet.error == nil)
    #expect(packet.fragment == .later)
    #expect(packet.transport == .protocolOnly)
  }

  @Test func `reads no AH in the middle of an IPv4 datagram`() {
    let bytes = ipv4(
      from: address("10.0.0.1"), to: address("192.0.2.1"), .authentication, filler(8, 0xFF),
      fragment: Fragmentation(offset: 1480, more: false))
    let packet = decode(bytes)
    #expect(packet.error == nil)
    #expect(packet.protocolNumber == .authentication)
  }
}
