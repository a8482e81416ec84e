import TestSupport
import Testing
import Wire

@Suite struct DHCPMessageTests {
  private static let offer = dhcpOption(53, [2]) + dhcpOption(54, [192, 168, 1, 66])
  private static let halves =
    classlessRoute("0.0.0.0", 1, via: "192.168.1.66") + classlessRoute("128.0.0.0", 1, via: "192.168.1.66")

  private func read(_ bytes: [UInt8]) -> DHCPMessage? { DHCPMessage(bytes.rawSpan) }

  private func routes(_ message: DHCPMessage?) -> [String] {
    (message?.routes ?? []).map { "\($0.destination) via \($0.router)" }
  }

  @Test func `reads kind, server and classless routes`() throws {
    let message = try #require(read(dhcp(Self.offer + [0, 0] + dhcpOption(121, Self.halves))))
    #expect(message.isReply)
    #expect(message.kind == .offer)
    #expect(message.server == address("192.168.1.66"))
    #expect(routes(message) == ["0.0.0.0/1 via 192.168.1.66", "128.0.0.0/1 via 192.168.1.66"])
    #expect(!message.hasUnreadRoutes)
  }

  @Test func `reads the example of RFC 3442's table of descriptors`() {
    let list =
      classlessRoute("10.0.0.0", 8, via: "10.0.0.1") + classlessRoute("10.17.0.0", 16, via: "10.0.0.2")
      + classlessRoute("10.27.129.0", 24, via: "10.0.0.3") + classlessRoute("10.229.0.128", 25, via: "10.0.0.4")
    #expect(
      routes(read(dhcp(dhcpOption(121, list)))) == [
        "10.0.0.0/8 via 10.0.0.1", "10.17.0.0/16 via 10.0.0.2", "10.27.129.0/24 via 10.0.0.3",
        "10.229.0.128/25 via 10.0.0.4",
      ])
  }

  @Test func `joins the parts of a long option, and reads Microsoft's number`() {
    let parts = dhcpOption(121, Array(Self.halves.prefix(3))) + dhcpOption(121, Array(Self.halves.dropFirst(3)))
    #expect(routes(read(dhcp(parts))).count == 2)
    #expect(routes(read(dhcp(dhcpOption(249, Self.halves)))).count == 2)
    #expect(routes(read(dhcp(dhcpOption(249, Self.halves) + dhcpOption(121, Self.halves)))).count == 2)
  }

  @Test(arguments: [(UInt8(1), 0), (2, 1), (3, 2)])
  func `reads options in file and sname where option 52 says so`(overload: UInt8, last: Int) {
    let whole = dhcp(
      sname: dhcpOption(121, classlessRoute("10.2.0.0", 16, via: "192.0.2.1")),
      file: dhcpOption(121, classlessRoute("10.1.0.0", 16, via: "192.0.2.1")), dhcpOption(52, [overload]))
    let expected = [["10.1.0.0/16"], ["10.2.0.0/16"], ["10.1.0.0/16", "10.2.0.0/16"]][last]
    #expect(read(whole)?.routes.map { "\($0.destination)" } == expected)
    let without = dhcp(sname: dhcpOption(121, Self.halves), file: dhcpOption(121, Self.halves), [])
    #expect(read(without)?.routes.isEmpty == true)
  }

  @Test func `a prefix of a message is read as far as it goes, and a cut list of routes is reported`() {
    let whole = dhcp(Self.offer + dhcpOption(121, Self.halves), hasEnd: false)
    let list = whole.count - Self.halves.count - 2
    for count in 0..<whole.count {
      let message = read(Array(whole.prefix(count)))
      #expect((message != nil) == (count >= 240), "\(count) bytes")
      #expect(message?.routes.isEmpty ?? true, "\(count) bytes")
      #expect(message?.hasUnreadRoutes ?? false == (count >= list + 2), "\(count) bytes")
    }
    #expect(routes(read(whole)).count == 2)
  }

  @Test func `reports that unreadable routes exist`() {
    for list in [[33, 1, 2, 3, 4, 5, 6, 7, 8, 9], [24, 10, 0, 0, 192], [8]] as [[UInt8]] {
      let message = read(dhcp(dhcpOption(121, list)))
      #expect(message?.hasUnreadRoutes == true)
      #expect(message?.routes.isEmpty == true)
    }
    let many = (0..<70).flatMap { classlessRoute("10.\($0).0.0", 16, via: "192.0.2.1") }
    let parts = dhcpOption(121, Array(many.prefix(250))) + dhcpOption(121, Array(many.dropFirst(250)))
    #expect(read(dhcp(parts))?.routes.count == 64)
    #expect(read(dhcp(parts))?.hasUnreadRoutes == true)
  }

  @Test func `a default route and the route to its router override nothing`() {
    let plain = classlessRoute("198.51.100.1", 32, via: "0.0.0.0") + classlessRoute("0.0.0.0", 0, via: "198.51.100.1")
    #expect(read(dhcp(dhcpOption(121, plain)))?.winningRoutes.isEmpty == true)
    // A way to a server that is not on the link is no way to the router.
    let server =
      classlessRoute("203.0.113.178", 32, via: "192.0.2.66") + classlessRoute("0.0.0.0", 0, via: "203.0.113.178")
    #expect(read(dhcp(dhcpOption(121, server)))?.winningRoutes.count == 1)
  }

  @Test func `reads nothing without the magic cookie`() {
    var bytes = dhcp(Self.offer)
    bytes[239] ^= 1
    #expect(read(bytes) == nil)
  }

  @Test func `random bytes are read without a trap`() {
    var generator = SeededGenerator(seed: 121)
    for _ in 0..<2000 {
      let options = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
        [52, 121, 249, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator) ?? 0
      }
      let message = read(dhcp(options, hasEnd: false))
      #expect(message?.routes.count ?? 0 <= 64)
    }
  }
}
