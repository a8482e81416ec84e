import Policy
import PolicyFiles
import TestSupport
import Testing
import TextFiles

/// What wg-quick or wg(8) refuses is a problem on its line.
@Suite struct WireGuardConfigProblemTests {
  @Test(arguments: [
    ("Address = 10.64.0.300/32", "it is not an IPv4 or IPv6 address"),
    ("Address = 10.64.0.3/33", "its length is not from 0 to 32"),
    ("Address = fc00::1/129", "its length is not from 0 to 128"),
    ("Address =", "has no value"),
    ("DNS = 10.64.0", "neither an address nor a domain"),
    ("DNS = fc00:::1", "neither an address nor a domain"),
    ("MTU = large", "not a number from 68 to 65535"),
    ("SaveConfig = yes", "neither true nor false"),
    ("ListenPort = 65536", "not a number from 0 to 65535"),
    ("ListenPort = +1", "not a number from 0 to 65535"),
    ("FwMark = 0x1FFFFFFFF", "neither off nor a 32-bit number"),
    ("FwMark = 0x-1", "neither off nor a 32-bit number"),
    ("Endpoint = 192.0.2.1:51820", "does not belong in [Interface]"),
    ("Jc = many", "not a number from 0 to 65535"),
    ("S1 = -1", "not a number from 0 to 65535"),
    ("H1 = 9-5", "neither a 32-bit number nor a range"),
    ("H1 = 4294967296", "neither a 32-bit number nor a range"),
    ("H1 = 2", "two of H1 to H4 overlap"),
    ("I1 = <b 0xF>", "not as awg reads it"),
    ("I1 = <r 5", "has no end"),
    ("Itime = 60", "shape: any"),
    ("Adress = 10.0.0.1", "not a key that wg-quick or wg knows"),
    ("DNS", "has no '='"),
    ("[Interface", "not a section"),
    ("[ Peer ]", "not a section"),
    ("[Server]", "not a section"),
    ("MTU = 1\0420", "NUL byte"),
  ])
  func `an interface line that is refused is a problem`(line: String, part: String) throws {
    let config = try WireGuardConfig("[Interface]\nPrivateKey = x\n\(line)\n", fileName: "wg0.conf")
    let problem = try #require(config.problems.first)
    #expect(problem.line == 3)
    #expect(problem.message.contains(part), "\(problem)")
  }

  @Test(arguments: [
    ("Endpoint = 192.0.2.1", "it has no port"),
    ("Endpoint = 192.0.2.1:", "port is not a number"),
    ("Endpoint = 192.0.2.1:0", "port is not a number"),
    ("Endpoint = 192.0.2.1:65536", "port is not a number"),
    ("Endpoint = 192.0.2.1:wireguard", "port is not a number"),
    ("Endpoint = 192.0.2:51820", "no valid IPv4 address"),
    ("Endpoint = 192.0.02.1:51820", "no valid IPv4 address"),
    ("Endpoint = [2001:db8::1:51820", "no closing bracket"),
    ("Endpoint = [2001:db8::1]", "no port after the bracket"),
    ("Endpoint = [192.0.2.1]:51820", "not an IPv6 address"),
    ("Endpoint = 2001:db8::g:51820", "no valid IPv6 address"),
    ("Endpoint = vpn_.-é.example:1", "neither an address nor a host name"),
    ("Endpoint = 0.0.0.0:51820", "nothing can be sent"),
    ("AllowedIPs = 0.0.0.0/0,,::/0", "not an address with a length"),
    ("AllowedIPs = 10.0.0.0/40", "not an address with a length"),
    ("PersistentKeepalive = 70000", "not off or 0 to 65535 seconds"),
    ("Address = 10.0.0.2/32", "does not belong in [Peer]"),
  ])
  func `a peer line that is refused is a problem`(line: String, part: String) throws {
    let config = try WireGuardConfig(
      "[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n\(line)\n", fileName: "wg0.conf")
    let problem = try #require(config.problems.first)
    #expect(problem.line == 3)
    #expect(problem.message.contains(part), "\(problem)")
  }

  @Test(arguments: [
    "PublicKey = tooshort=",
    // 43 digits whose last one carries bits beyond the 256th: wg(8) refuses it, too.
    "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dh=",
    "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8D_=",
    "AllowedIPs =",
  ])
  func `a peer needs a public key`(line: String) throws {
    let config = try WireGuardConfig("[Peer]\n\(line)\n", fileName: "wg0.conf")
    #expect(config.problems.count == 1)
    #expect(config.problems[0].message.contains("PublicKey"))
  }

  @Test func `a key before any section and a byte order mark are problems`() throws {
    let config = try WireGuardConfig("\u{FEFF}MTU = 1420\n[Interface]\nMTU = 1400\n", fileName: "wg0.conf")
    #expect(config.problems.map(\.line) == [1, 1])
    #expect(config.mtu?.value == 1400)
  }

  @Test func `a file of mistakes gives a hundred messages and a count`() throws {
    let config = try WireGuardConfig(String(repeating: "x\n", count: 5000), fileName: "wg0.conf")
    #expect(config.problems.count == 101)
    #expect(config.problems.last?.description == "wg0.conf: 4900 more problems are not listed")
  }

  @Test func `a file of more than a mebibyte is refused`() throws {
    #expect(throws: PolicyFileProblem.self) {
      try WireGuardConfig(String(repeating: " ", count: TextFile.sizeLimit + 1), fileName: "wg0.conf")
    }
  }

  @Test func `a private or shared key is neither kept nor quoted, however it is mistyped`() throws {
    let secret = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
    for line in [
      "PrivateKey = \(secret)", "PrivateKey \(secret)", "PrivateKey: \(secret)", "PrivateKy = \(secret)", secret,
      "PrivateKey\(secret)", "[\(secret)", "Endpoint = \(secret)", "PublicKey = \(secret)x", "MTU = \(secret)",
      "PresharedKey = \(secret)", "PresharedKey \(secret)",
    ] {
      for section in ["[Interface]\n", "[Peer]\n", ""] {
        let config = try WireGuardConfig(section + line + "\n", fileName: "wg0.conf")
        #expect(!String(describing: config).contains(secret.prefix(20)), "kept or quoted: \(section)\(line)")
      }
    }
  }

  @Test func `quoted text cannot control a terminal`() throws {
    let config = try WireGuardConfig("[Interface]\n\u{1B}[31mKey\u{202E} = 1\n", fileName: "wg0.conf")
    #expect(config.problems[0].message.hasPrefix("'?[31mKey?' is not a key"))
  }

  @Test func `random changes to a configuration never trap`() throws {
    var generator = SeededGenerator()
    print("seed of the mutated configurations: \(generator.seed)")
    let original = Array(
      """
      [Interface]
      PrivateKey = [REDACTED]
      Address = 10.64.23.84/32,fc00:bbbb:bbbb:bb01::1:1753/128
      DNS = 10.64.0.1, lan
      ListenPort = 51820
      FwMark = 0xca6c
      [Peer]
      PublicKey = pu22RCPeJCeiDIE7a1XtWvmv3BdgPp8ugF6AyntW8xU=
      AllowedIPs = 0.0.0.0/0,::0/0
      Endpoint = [2001:db8::1]:51820
      PersistentKeepalive = 25
      """.utf8)
    let pieces = [
      "[", "]", "=", ":", "/", ",", "#", "\n", "\r", "\0", "%", "::", "99999999999999999999", "é", "[Peer]\n",
    ]
    for _ in 0..<5000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = .random(in: 0...255, using: &generator)
        case 1: bytes.insert(contentsOf: pieces.randomElement(using: &generator)!.utf8, at: place)
        default: bytes.removeSubrange(place..<min(place + Int.random(in: 1...30, using: &generator), bytes.count - 1))
        }
      }
      let config = try WireGuardConfig(String(decoding: bytes, as: UTF8.self), fileName: "wg0.conf")
      var policy = TunnelPolicy()
      config.apply(to: &policy)
    }
  }
}
