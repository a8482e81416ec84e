import Audit
import Policy
import PolicyFiles
import TestSupport
import Testing
import Wire

@testable import Report

/// What addresses, names and texts become after redaction.
@Suite struct PseudonymTests {
  private static let key = Array("a key of the tests".utf8)
  private let redactor = Redactor(key: Self.key, policy: TunnelPolicy())

  @Test func `private addresses stay, and public ones become documentation addresses`() {
    for text in [
      "10.64.0.1", "192.168.1.1", "fd00::1", "fe80::1", "127.0.0.1", "224.0.0.251", "255.255.255.255", "0.0.0.0",
    ] {
      #expect(redactor.address(IPAddress(text)!) == IPAddress(text)!)
    }
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for _ in 0..<2000 {
      let address = IPAddress(v4: .random(in: .min ... .max, using: &random))
      guard AddressScope(address) == .public else { continue }
      let shown = redactor.address(address)
      #expect(AddressScope(shown) == .public)
      #expect((240...254).contains(UInt32(truncatingIfNeeded: shown.low) >> 24))
      #expect(redactor.address(address) == shown)
    }
    let shown = redactor.address(IPAddress("2606:4700::1111")!)
    #expect(IPPrefix("2001:db8::/32")!.contains(shown))
    #expect(redactor.address(IPAddress("2606:4700::1112")!) != shown)
  }

  @Test func `another key gives other pseudonyms`() {
    let other = Redactor(key: [1, 2, 3], policy: TunnelPolicy())
    let address = IPAddress("198.51.100.7")!
    #expect(other.address(address) != redactor.address(address))
    #expect(other.name("www.example.org") != redactor.name("www.example.org"))
  }

  @Test func `addresses in a public prefix of the policy stay in it`() {
    var policy = TunnelPolicy()
    policy.audited = [Stated(IPPrefix("198.51.100.0/25")!, origin: "")]
    let redactor = Redactor(key: Self.key, policy: policy)
    let prefix = redactor.prefix(IPPrefix("198.51.100.0/25")!)
    #expect(prefix.contains(redactor.address(IPAddress("198.51.100.7")!)))
    #expect(!prefix.contains(redactor.address(IPAddress("198.51.100.200")!)))
    #expect(prefix != IPPrefix("198.51.100.0/25")!)
  }

  @Test func `names below a name stay below it, and case does not matter`() {
    let name = redactor.name("am.i.Mullvad.example")
    #expect(name.hasSuffix("." + redactor.name("mullvad.example")))
    #expect(name.hasSuffix(".example") && !name.contains("mullvad"))
    #expect(redactor.name("AM.I.mullvad.EXAMPLE") == name)
    #expect(redactor.name("router") != "router")
  }

  @Test(arguments: [
    ("to 198.51.100.53 udp 53", "198.51.100.53"), ("172.18.0.2:4 -> 198.51.100.53:53, on eth0", "198.51.100.53"),
    ("[2606:4700::1111]:443", "2606:4700::1111"), ("198.51.100.0/24.", "198.51.100.0"),
    ("asked for www.Example.org A", "xample"),
    ("{\"endpoint\":\"203.0.113.178:51820\"}", "203.0.113.178"), ("asked by 02:42:ac:12:00:02, often", "02:42:ac"),
    ("vpn.example.net:51820", "vpn"),
    ("(router)", "router"), ("saved as joao.sh", "joao"), ("asked for silva.md", "silva"),
    ("by fe80::5054:ff:fe12:3456", "12:3456"), ("of fd12:3456:789a::5054:ff:fe12:3456/64", "3456"),
    ("resolver:198.51.100.53", "198.51.100.53"), ("https://ntfy.joao.sh", "joao"), ("joão.silva.pt", "joão"),
    ("198.51.100.7-198.51.100.9", "198.51.100.9"), ("in /home/joao/wg0.conf:12", "joao"), ("~/joao/x.yaml", "joao"),
    ("at unix:///home/joao/docker.sock:", "joao"), ("--alerts=/home/joao/a.ndjson", "joao"),
    ("https://192.0.2.1/joao/hook", "joao"), ("on enx525400123456: 5", "525400"), ("enx525400123456.100", "525400"),
    ("asked for João's laptop", "João"), ("nas.silvahome.example", "silva"),
  ])
  func `a redacted text reveals nothing`(text: String, secret: String) {
    var redactor = redactor
    redactor.add(names: ["router", "joão's laptop"])
    let shown = redactor.scrub(text)
    #expect(!shown.contains(secret), "\(shown)")
    #expect(
      shown.filter { "{}[]()\", ".contains($0) } == text.filter { "{}[]()\", ".contains($0) } || text.contains("'"))
  }

  @Test(arguments: [
    "wg0.conf:12", "captures/a.pcapng", "2026-11-25T01:50:03.735160Z", "0.1.0", "12.5 MB", "10.64.0.1:53", "fd00::2",
    "br-stack",
    "leakaudit.summary/1", "1,234.5 ms", "eth0: 5", "docker-compose.yaml", "172.18.0.0/16", "8080 -> 80/tcp",
    "fd00::/8",
    "ff02::1:2", "224.0.1.1", "::1", "leaks", "tls-1.3", "eth0.100",
  ])
  func `harmless text stays`(text: String) { #expect(redactor.scrub(text) == text) }

  @Test func `policy files keep their names, not their directories`() {
    var policy = TunnelPolicy()
    policy.tunnelAddresses = [Stated(address("10.64.0.2"), origin: "/home/joão silva/vpn/joao.sh:7")]
    let shown = Redactor(key: Self.key, policy: policy).scrub("/home/joão silva/vpn/joao.sh:7: Address is missing")
    #expect(shown == "joao.sh:7: Address is missing")
  }

  @Test func `a file that the user named keeps only its name`() {
    var redactor = redactor
    redactor.add(files: ["cases/joao/silva.md", "/srv/joao silva/evidence/"])
    #expect(redactor.scrub("cases/joao/silva.md: cut") == "silva.md: cut")
    #expect(redactor.scrub(value: "cases/joao/silva.md:7") == "silva.md:7")
    #expect(
      redactor.scrub("3 frames in /srv/joao silva/evidence/leakaudit-1.pcapng.") == "3 frames in leakaudit-1.pcapng.")
  }

  @Test func `a private domain is replaced, a common one stays`() {
    for text in ["nas.silva", "laptop.silva-home", "tv.fritz.box", "nas.joão"] {
      let shown = redactor.name(text)
      #expect(shown.split(separator: ".").allSatisfy { $0.hasPrefix("x") }, "\(shown)")
      #expect(shown.split(separator: ".").count == text.split(separator: ".").count)
    }
    for text in ["a.com", "a.pt", "a.local", "1.0.0.127.in-addr.arpa"] {
      #expect(redactor.name(text).split(separator: ".").last == text.split(separator: ".").last)
    }
  }

  @Test func `the type stays after a name with spaces`() {
    let shown = redactor.question("joao silva A")
    #expect(shown.hasSuffix(" A") && !shown.contains("silva"))
    #expect(redactor.question("joao AAAA") == redactor.name("joao") + " AAAA")
  }

  @Test func `software names and torrent hashes become pseudonyms`() {
    for kind in LeakDetail.Kind.allCases {
      let shown = redactor.detail(LeakDetail(kind, "joao-client 198.51.100.7"))
      #expect(shown.kind == kind && !shown.text.contains("joao") && !shown.text.contains("198.51.100.7"))
    }
  }

  // MARK: - IPv6 on the premises, and groups

  @Test(arguments: ["10.67.12.34", "172.20.1.2", "192.168.77.3"])
  func `the tunnel's own address becomes another of its block, in every stated prefix that it was in`(text: String) {
    let own = address(text)
    for around in [nil, 24, 32] as [Int?] {
      var policy = TunnelPolicy()
      policy.tunnelAddresses = [Stated(own, origin: "wg0.conf:3")]
      policy.tunnelResolvers = [Stated(address("10.64.0.1"), origin: "wg0.conf:4")]
      if let around { policy.local = [Stated(IPPrefix(own, length: around), origin: "--local")] }
      let redactor = Redactor(key: Self.key, policy: policy)
      let shown = redactor.address(own)
      #expect(AddressScope(shown) == .private && octets(shown)[0] == octets(own)[0])
      if let around { #expect(IPPrefix(own, length: around).contains(shown)) }
      #expect((shown == own) == (around == 32))
      #expect(redactor.policy(policy).tunnelAddresses[0].value == shown)
      #expect(redactor.scrub("from \(own) to 10.64.0.1") == "from \(shown) to 10.64.0.1")
      #expect(redactor.address(address("10.64.0.1")) == address("10.64.0.1"))
    }
  }

  @Test func `addresses share as many bits as they did, and keep their scope`() {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    for round in 0..<500 {
      let high: UInt64 = [0xFD00 << 48, 0xFE80 << 48, 0xFD12_3456_789A_0001, 0xFC00_BBBB_BBBB_BB01][round % 4]
      let base = IPAddress(v6High: high, low: .random(in: .min ... .max, using: &random))
      let length = Int.random(in: 10...128, using: &random)
      let mask = IPAddress(v6High: .max, low: .max).masked(length)
      let other = IPAddress(
        v6High: base.high & mask.high | .random(in: .min ... .max, using: &random) & ~mask.high,
        low: base.low & mask.low | .random(in: .min ... .max, using: &random) & ~mask.low)
      guard AddressScope(other) == AddressScope(base) else { continue }
      let prefix = IPPrefix(base, length: length)
      #expect(redactor.prefix(prefix).contains(redactor.address(other)))
      let near = IPAddress(
        v6High: length > 64 ? other.high : other.high ^ 1 << UInt64(64 - length),
        low: length > 64 ? other.low ^ 1 << UInt64(128 - length) : other.low)
      #expect(!redactor.prefix(prefix).contains(redactor.address(near)) || AddressScope(near) != AddressScope(base))
      #expect(AddressScope(redactor.address(base)) == AddressScope(base))
      #expect((redactor.address(base) == redactor.address(other)) == (base == other))
    }
  }

  @Test(arguments: ["fe80::5054:ff:fe12:3456", "fd00::5054:ff:fe12:3456", "fc00:bbbb:bbbb:bb01::3:c4a1"])
  func `no host part of an address stays`(text: String) {
    let (original, shown) = (octets(address(text)), octets(redactor.address(address(text))))
    for start in 8..<14 where original[start..<start + 3] != [0, 0, 0] {
      #expect(original[start..<start + 3] != shown[start..<start + 3])
    }
    #expect(original[0] == shown[0])
  }

  @Test(arguments: [
    "ff02::1:ff12:3456", "ff02::2:ff12:3456", "ff3e:40:2001:db8:12:3456:0:1", "ff05::12:3456", "ff15::1234:5678",
    "233.252.18.52", "234.198.51.100", "232.1.18.52",
  ])
  func `an assigned group keeps only its scope`(text: String) {
    let (original, shown) = (address(text), redactor.address(address(text)))
    #expect(shown != original && AddressScope(shown) == AddressScope(original))
    #expect(octets(shown).suffix(2) != octets(original).suffix(2))
  }
}
