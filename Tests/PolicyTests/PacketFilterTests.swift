import PacketFilter
import TestSupport
import Testing

@Suite struct PacketFilterTests {
  /// An IPv4 datagram from 172.18.0.2:40000 to 203.0.113.9:53 with four bytes.
  private let datagram: [UInt8] = [
    0x45, 0, 0, 32, 0, 1, 0x40, 0, 64, 17, 0, 0, 172, 18, 0, 2, 203, 0, 113, 9,
    0x9C, 0x40, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4,
  ]

  private func matches(_ expression: String, _ packet: [UInt8]? = nil, originalLength: Int = 0) throws -> Bool {
    let bytes = packet ?? datagram
    return try PacketFilter(expression).matches(bytes.rawSpan, originalLength: originalLength)
  }

  @Test(arguments: [
    ("udp dst port 53", true), ("udp src port 53", false), ("dst host 203.0.113.9", true), ("ip6", false),
    ("udp[8:4] = 0x01020304", true), ("udp[12:4] = 0", false), ("ip proto 17", true), ("tcp", false),
  ])
  func `an expression sees the packet from its IP header`(expression: String, expected: Bool) throws {
    #expect(try matches(expression) == expected)
  }

  @Test func `a filter compiles on first use, and a broken one matches nothing`() async {
    let packet = datagram
    let filter = PacketFilter(onDemand: "udp dst port 53")
    let answers = await withTaskGroup { group in
      for _ in 0..<8 { group.addTask { filter.matches(packet.rawSpan, originalLength: 0) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: true, count: 8))
    let broken = PacketFilter(onDemand: "udp dst prt 53")
    func asked() -> Bool { broken.matches(packet.rawSpan, originalLength: 0) }
    #expect(!asked())
    #expect(throws: PacketFilterError.self) { try broken.compile() }
    #expect(!asked())
  }

  @Test func `an IPv6 packet is known by its version`() throws {
    let packet: [UInt8] =
      [0x60, 0, 0, 0, 0, 8, 17, 64] + [UInt8](repeating: 1, count: 32) + [0x9C, 0x40, 0, 53, 0, 8, 0, 0]
    #expect(try matches("udp dst port 53", packet))
    #expect(try matches("ip6[6] = 17", packet))
    #expect(try !matches("ip", packet))
  }

  // The shipped rules work around this: an alternative after such a load is never tried.
  @Test func `a load beyond the captured bytes makes the whole expression false`() throws {
    #expect(try matches("udp dst port 53 or udp[12:4] = 0"))
    #expect(try !matches("udp[12:4] = 0 or udp dst port 53"))
  }

  @Test func `len is the original length, and never less than what was captured`() throws {
    #expect(try matches("len = 1400", originalLength: 1400))
    #expect(try matches("len = 32", originalLength: 0))
  }

  @Test func `no bytes match nothing`() throws {
    #expect(try !matches("ip", []))
  }

  @Test(arguments: ["", "   ", "\n\t"])
  func `an empty expression is refused, for it would match everything`(expression: String) {
    #expect(throws: PacketFilterError.self) { try PacketFilter(expression) }
  }

  @Test func `text after a NUL byte is not ignored`() {
    #expect(throws: PacketFilterError.self) { try PacketFilter("udp\0 port 53") }
  }

  @Test func `libpcap's own message says why an expression does not compile`() {
    #expect {
      try PacketFilter("udp port 53 and )")
    } throws: { error in
      (error as? PacketFilterError)?.message == "can't parse filter expression: syntax error"
    }
  }

  @Test(arguments: [
    "host example.org", "dst host 10.0.0.1x", "src localhost", "net home", "host 10.0.0.1.5", "udp and vpn",
    "host 8-4", "port domain or ip foo", "gateway router", "host tcp-foo", "host \\tcp", "len-40 = 0", "ether host foo",
  ])
  func `a name that would have to be looked up is refused`(expression: String) {
    #expect {
      try PacketFilter(expression)
    } throws: { error in
      (error as? PacketFilterError)?.message.contains("would be looked up") == true
    }
  }

  @Test(arguments: [
    "tcp port http or https", "ip proto \\icmp", "portrange 6881-6889", "host ::1", "net 10.0", "udp[8:2]&0xff=1",
    "tcp[tcpflags] & (tcp-rst|tcp-fin) != 0", "icmp[icmptype:1] = icmp-echo", "greater 100 and less 200",
    "dst net 2001:db8::/32", "net 10.0.0.0 mask 255.0.0.0", "ip multicast",
  ])
  func `expressions without host names compile`(expression: String) throws {
    _ = try PacketFilter(expression)
  }

  @Test(arguments: ["(", "not ", "tcp or "])
  func `an endless expression is an error, not a trap`(piece: String) {
    for count in [100, 1000, 10_000] {
      #expect(throws: PacketFilterError.self) { try PacketFilter(String(repeating: piece, count: count)) }
    }
  }

  @Test func `the longest expression compiles`() throws {
    let count = (PacketFilter.lengthLimit - 3) / " or dst host 10.0.100.100".count
    let expression = "tcp" + (0..<count).map { " or dst host 10.0.\(100 + $0 / 100).\(100 + $0 % 100)" }.joined()
    #expect(expression.utf8.count <= PacketFilter.lengthLimit)
    #expect(try !matches(expression))
  }

  @Test func `random changes to an expression and a packet never trap`() {
    var generator = SeededGenerator()
    print("seed of the mutated filters: \(generator.seed)")
    let words = [
      "udp", "tcp", "ip6", "port", "53", "(", ")", "and", "or", "not", "[", "8", ":", "4", "]", "=", "&", "<<", "-",
      "0xffffffff", "dst", "host", "10.0.0.1", "net", "::/0", "proto", "99999999999", "len", "broadcast", "vlan",
    ]
    for _ in 0..<2000 {
      let expression = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        words.randomElement(using: &generator)!
      }.joined(separator: " ")
      guard let filter = try? PacketFilter(expression) else { continue }
      let count = Int.random(in: 0...datagram.count, using: &generator)
      _ = filter.matches(
        Array(datagram.prefix(count)).rawSpan, originalLength: .random(in: 0...70_000, using: &generator))
    }
  }
}
