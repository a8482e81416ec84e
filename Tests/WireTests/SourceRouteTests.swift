import TestSupport
import Testing
import Wire

/// Every destination that a packet names beside the one in its header, and whether that is all.
@Suite struct SourceRouteTests {
  private let hops = ["192.168.1.1", "8.8.8.8", "198.51.100.7"].map(address)
  private let hops6 = ["fd00::9", "2001:db8::8", "2001:db8::7"].map(address)
  private let datagram = udp(1, 4444, filler(20))

  private struct Route: Equatable {
    var hops: [IPAddress]
    var isReadable = true
    var hasSourceRoute = true
    static let none = Self(hops: [], hasSourceRoute: false)
    static let unreadable = Self(hops: [], isReadable: false)
  }

  private func route(_ bytes: [UInt8], _ linkType: LinkType = .raw, original: Int? = nil) -> Route {
    let frame = SampleFrame(bytes, linkType, originalLength: original)
    let packet = frame.decoded
    let route = SourceRoute(packet, frame.captured)
    #expect(route.isReadable || packet.error != nil, "an unreadable route must be undecodable")
    return Route(
      hops: (0..<route.count).map { route[$0] }, isReadable: route.isReadable, hasSourceRoute: packet.hasSourceRoute)
  }

  private func four(_ options: [UInt8], _ fragment: Fragmentation? = nil) -> [UInt8] {
    ipv4(from: address("172.18.0.2"), to: address("192.168.1.9"), .udp, datagram, options: options, fragment: fragment)
  }

  private func option(_ kind: UInt8, _ hops: [IPAddress], pointer: UInt8 = 4) -> [UInt8] {
    [kind, UInt8(3 + 4 * hops.count), pointer] + hops.flatMap(octets)
  }

  private func six(_ rest: [UInt8], _ first: IPProtocol = .routing) -> [UInt8] {
    ipv6(from: address("fd00::2"), to: address("fd00::1"), first, rest + datagram)
  }

  /// A routing header; `last` is the byte that segment routing has for its last entry.
  private func routing(
    _ type: UInt8, _ hops: [IPAddress], left: UInt8, last: UInt8 = 0, length: UInt8? = nil, next: IPProtocol = .udp
  ) -> [UInt8] {
    [next.rawValue, length ?? UInt8(2 * hops.count), type, left, last, 0, 0, 0] + hops.flatMap(octets)
  }

  // MARK: IPv4

  /// With the bit for fragments, and without.
  @Test(arguments: [131, 137, 3, 9] as [UInt8]) func `reads loose and strict source routes`(kind: UInt8) {
    #expect(route(four(option(kind, hops))) == Route(hops: hops))
    #expect(route(ethernet(vlan(7, .ipv4, four(option(kind, hops)))), .ethernet).hops.isEmpty)
    #expect(route(ethernet(vlan(7, .ipv4, four(option(kind, hops))), .vlan), .ethernet) == Route(hops: hops))
  }

  @Test func `reads several routes, between and after other options`() {
    // Record route, router alert, timestamp.
    let others: [UInt8] = [7, 7, 4, 0, 0, 0, 0, 1, 148, 4, 0, 0]
    let options = others + option(131, [hops[0]]) + [1, 1] + option(137, Array(hops[1...]))
    #expect(route(four(options)) == Route(hops: hops))
    #expect(route(four(others + [68, 4, 5, 0])) == .none)
  }

  @Test func `lists the hops already passed, and a route without any`() {
    #expect(route(four(option(131, hops, pointer: 16))) == Route(hops: hops))
    #expect(route(four(option(131, []))) == Route(hops: []))
  }

  @Test func `ends at the end of options`() {
    #expect(route(four([0] + option(131, hops))) == .none)
    #expect(route(four(option(131, hops) + [0, 0xFF, 0xFF])) == Route(hops: hops))
    #expect(route(four(filler(40, 1))) == .none)
    #expect(route(four([])) == .none)
  }

  @Test func `reads the route of each fragment`() {
    let part = Fragmentation(offset: 1480, more: false)
    #expect(route(four(option(131, hops), part)) == Route(hops: hops))
  }

  @Test(
    arguments: [
      [131], [131, 0, 4, 8, 8, 8, 8], [131, 2], [131, 1], [131, 8, 4, 8, 8, 8, 8, 8], [131, 41, 4], [7, 0], [7, 1],
      [68, 200, 0], [137, 255, 4],
    ] as [[UInt8]])
  func `cannot read malformed options`(options: [UInt8]) {
    let found = route(four([1, 1, 1] + options))
    #expect(found.hasSourceRoute)
    // A single byte stands at the end, where padding follows: no operation and an end are no mistake.
    #expect(!found.isReadable || options == [131])
    let frame = SampleFrame(four([1, 1, 1, 1] + options)).decoded
    #expect(frame.error == .malformed(.ipv4) || !found.isReadable)
  }

  @Test func `keeps the routes before a malformed option`() {
    #expect(route(four(option(131, hops) + [7, 0])) == Route(hops: hops, isReadable: false))
  }

  /// A route may stand in what was not captured; what was captured may also say that there is none.
  @Test func `detects options cut by the capture at each byte`() {
    let whole = four([1] + option(131, hops) + [148, 4, 0, 0])
    for count in 20..<whole.count {
      let found = route(Array(whole.prefix(count)), original: whole.count)
      // The last option's length says that nothing is behind it.
      let expected = count < 36 ? .unreadable : Route(hops: hops, isReadable: count >= 38)
      #expect(found == expected, "\(count) bytes")
    }
    let ended = four([148, 4, 0, 0, 0] + filler(30, 0))
    for count in 20..<ended.count {
      #expect(route(Array(ended.prefix(count)), original: ended.count) == (count < 25 ? .unreadable : .none))
    }
  }

  @Test func `names what is missing if there is no other header`() {
    let whole = ipv4(from: hops[0], to: hops[1], IPProtocol(rawValue: 2), filler(8), options: filler(40, 1))
    let packet = decode(Array(whole.prefix(32)), originalLength: whole.count)
    #expect(packet.error == .truncated(.ipv4, needed: 60, available: 32))
    #expect(packet.transport == .protocolOnly && packet.hasSourceRoute)
    let port = decode(Array(four([68, 8, 5, 0] + filler(4)).prefix(24)), originalLength: 60)
    #expect(port.error == .truncated(.udp, needed: 8, available: 0))
  }

  // MARK: IPv6

  @Test func `reads the routing headers of known types`() {
    #expect(route(six(routing(0, hops6, left: 2))) == Route(hops: hops6))
    #expect(route(six(routing(2, [hops6[1]], left: 1))) == Route(hops: [hops6[1]]))
    #expect(route(six(routing(4, hops6, left: 1, last: 2))) == Route(hops: hops6))
    // A reduced list, and options behind it.
    #expect(route(six(routing(4, hops6, left: 3, last: 2))) == Route(hops: hops6))
    let withOptions = routing(4, hops6, left: 1, last: 2, length: 7) + [4, 6] + filler(6, 0)
    #expect(route(six(withOptions)) == Route(hops: hops6))
    #expect(decode(six(withOptions)).destinationPort == 4444)
  }

  @Test(arguments: [0, 2, 3, 4, 5, 6, 253, 77] as [UInt8]) func `finds no route without segments left`(type: UInt8) {
    #expect(route(six(routing(type, hops6, left: 0))) == .none)
  }

  /// RPL's compressed list (RFC 6554), compact headers (RFC 9631), experiments, and what nobody registered.
  @Test(arguments: [1, 3, 5, 6, 253, 254, 77] as [UInt8]) func `cannot read other types`(type: UInt8) {
    #expect(route(six(routing(type, hops6, left: 1))) == .unreadable)
    #expect(decode(six(routing(type, hops6, left: 1))).error == .malformed(.ipv6Extension))
  }

  @Test func `cannot read lists that contradict their header`() {
    for header in [
      routing(0, hops6, left: 4), routing(0, hops6, left: 1, length: 5), routing(0, [], left: 1),
      routing(2, hops6, left: 1), routing(2, [hops6[0]], left: 2), routing(4, hops6, left: 4, last: 2),
      routing(4, hops6, left: 1, last: 3), routing(4, [], left: 1),
    ] {
      #expect(route(six(header)) == .unreadable)
      #expect(decode(six(header)).error == .malformed(.ipv6Extension))
    }
  }

  @Test func `reads several routing headers, among other headers and before fragments`() {
    let part = Fragmentation(offset: 1480, more: false)
    let chain =
      extensionHeader(.routing) + routing(0, [hops6[0]], left: 1, next: .destinationOptions)
      + extensionHeader(.authentication, length: 16) + authenticationHeader(.routing)
      + routing(4, Array(hops6[1...]), left: 1, last: 1, next: .fragment) + fragmentHeader(.udp, part)
    #expect(route(six(chain, .hopByHop)) == Route(hops: hops6))
    // Behind a later fragment's header comes no header.
    let behind = fragmentHeader(.routing, part) + routing(0, hops6, left: 1)
    #expect(route(six(behind, .fragment)) == .none)
  }

  @Test func `keeps the routes before one that it cannot read`() {
    let chain = routing(0, hops6, left: 1, next: .routing) + routing(3, hops6, left: 1)
    #expect(route(six(chain)) == Route(hops: hops6, isReadable: false))
  }

  @Test func `detects a routing header cut by the capture at each byte`() {
    let whole = six(routing(0, hops6, left: 1))
    for count in 40..<whole.count {
      let found = route(Array(whole.prefix(count)), original: whole.count)
      #expect(found == (count < 96 ? .unreadable : Route(hops: hops6)), "\(count) bytes")
    }
    let done = six(routing(0, hops6, left: 0))
    #expect(route(Array(done.prefix(60)), original: done.count) == .none)
  }

  @Test func `reads no routing header after IPv4 or ESP`() {
    let header = routing(0, hops6, left: 1)
    #expect(route(ipv4(from: hops[0], to: hops[1], .routing, header)) == .none)
    #expect(route(six(header, .esp)) == .none)
  }

  @Test func `a source route costs the packet only a flag`() {
    #expect(MemoryLayout<DecodedPacket>.stride <= 144)
  }
}
