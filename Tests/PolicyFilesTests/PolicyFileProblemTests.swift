import Policy
import PolicyFiles
import TestSupport
import Testing
import TextFiles

/// Any mistake makes a policy unusable, and all mistakes are reported at once.
@Suite struct PolicyFileProblemTests {
  static func problems(_ text: String) -> [String] {
    do {
      _ = try PolicyFile(text, fileName: "p.yaml")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func `every problem is reported in file order, with line and column`() {
    let problems = Self.problems(
      """
      endpoints:
        - 89.44.10.178
      lokal: 10.0.0.0/8
      strict-local: perhaps
      allow:
        - id: all
          reason: none
          filter: tcp port )
      """)
    #expect(
      problems.map { $0.split(separator: ": ")[0] } == [
        "p.yaml:2:5", "p.yaml:3:1", "p.yaml:4:15", "p.yaml:8:13",
      ])
    #expect(problems[0] == "p.yaml:2:5: the endpoint '89.44.10.178' cannot be used: it has no port; write address:port")
    #expect(problems[3].contains("does not compile: can't parse filter expression: syntax error"))
  }

  @Test(arguments: [
    ("", "states nothing"),
    ("# only a comment", "states nothing"),
    ("- a", "a policy must be a map"),
    ("endpoint: 192.0.2.1:1", "a policy has no field 'endpoint'"),
    ("[1]: 2", "key that is not a text"),
    ("endpoints: 2001:db8::1:51820", "needs brackets"),
    ("endpoints: [[192.0.2.1:1]]", "must be a single value"),
    ("endpoints: {shape: any}", "has no 'endpoint'"),
    ("endpoints: {endpoint: 192.0.2.1:1, address: 192.0.2.1:1}", "remove one"),
    (
      "endpoints: {endpoint: 192.0.2.1:1, shape: round}",
      "must be one of: wireguard, any-reserved, amneziawg, lwo, openvpn, any"
    ),
    ("endpoints: {endpoint: 192.0.2.1:1, reserved: 0}", "can only be any"),
    ("endpoints: {endpoint: 192.0.2.1:1, shape: amneziawg}", "state them under 'amneziawg:'"),
    ("endpoints: {endpoint: 192.0.2.1:1, amneziawg: {Jd: 1}}", "'Jd' is not a parameter of AmneziaWG"),
    ("endpoints: {endpoint: 192.0.2.1:1, amneziawg: {Jc: 1e3}}", "it is not a number from 0 to 65535"),
    ("endpoints: {endpoint: 192.0.2.1:1, amneziawg: {Jc: 1, Jmin: 9, Jmax: 8}}", "Jmin is greater than Jmax"),
    ("endpoints: {endpoint: 192.0.2.1:1, port: 7}", "an endpoint has no field 'port'"),
    ("tunnel-addresses: 10.0.0.0/8", "write an IPv4 or IPv6 address"),
    ("resolvers: [dns.example.org]", "write an IPv4 or IPv6 address"),
    ("served-ports: 0", "1 to 65535"),
    ("served-ports: [51820, 1e3]", "1 to 65535"),
    ("local: 10.0.0.0/33", "write address/length"),
    ("local: 0.0.0.0/0", "nothing could leak"),
    ("local: '::/0'", "nothing could leak"),
    ("audited: eth0", "address/length or a MAC address"),
    ("audited-only: yes", "write true or false"),
    ("strict-local:", "has no value"),
    ("roles: {eth0: wan}", "must be one of: bridge, nic"),
    ("roles: [eth0]", "must be a map"),
    ("resolve: {192.0.2.1: 192.0.2.2}", "is not a host name"),
    ("resolve: {vpn.example.org: nowhere}", "write an IPv4 or IPv6 address"),
    ("wg-config: {path: a}", "must be a single value"),
    ("wg-config: \"a\\0b\"", "NUL byte"),
    ("allow: {id: a, filter: udp}", "no 'reason'"),
    ("allow: {reason: a, filter: udp}", "no 'id'"),
    ("allow: {id: a, reason: b}", "would allow everything"),
    ("allow: {id: a, reason: b, filter: ''}", "has no value"),
    ("allow: {id: a, reason: b, filter: \"udp\\0port 1\"}", "NUL byte"),
    ("allow: {id: a, reason: b, filter: [udp]}", "must be a single value"),
    ("allow: {id: a b, reason: b, filter: udp}", "may hold only letters"),
    ("allow: {id: a, reason: \"b\\e[31m\", filter: udp}", "control characters"),
    ("allow: {id: a, reason: b, query-name: '*.lan'}", ".example.org for the names below it"),
    ("allow: {id: a, reason: b, query-name: []}", "names nothing"),
    ("allow: {id: a, reason: b, query-name: .}", "holds '.'"),
    ("allow: {id: a, reason: b, filter: udp, expires: 2026-02-29}", "YYYY-MM-DD"),
    ("allow: {id: a, reason: b, filter: udp, expires: 31.12.2026}", "YYYY-MM-DD"),
    ("allow: [{id: a, reason: b, filter: udp}, {id: a, reason: b, filter: tcp}]", "is already defined in p.yaml:1"),
    ("rules: {id: a, label: dns, severity: low, title: t, filter: udp}", "it must be one of: dot, doq"),
    ("local: 10.0.0.0/8\nlocal: 10.0.0.0/8", "'local' twice"),
    ("local: [", "not YAML"),
    ("local: *nowhere", "undefined alias"),
    ("local: a\n---\nlocal: b", "another document"),
    ("local: \u{7}", "not YAML"),
    ("local: a\0b", "not YAML"),
    ("<<: {local: 10.0.0.0/8}", "a policy has no field '<<'"),
  ])
  func `a mistake is an error that says what to do`(text: String, part: String) {
    let problems = Self.problems(text)
    #expect(problems.contains { $0.contains(part) }, "\(problems)")
  }

  @Test func `aliases that would multiply are refused before they are expanded`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let previous = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(previous)]\n"
    }
    #expect(Self.problems(text + "? *a30\n: x\n").count == 1)
    #expect(Self.problems(text + "? *a30\n: x\n")[0].contains("aliases expand"))
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func `deep nesting is an error`(opening: String) {
    for depth in [100, 900, 1100, 100_000] {
      #expect(!Self.problems(String(repeating: opening, count: depth)).isEmpty)
      #expect(!Self.problems("local: " + String(repeating: opening, count: depth) + "]").isEmpty)
    }
    let nested = String(repeating: "[", count: 999) + String(repeating: "]", count: 999)
    #expect(!Self.problems("local: " + nested).isEmpty)
  }

  @Test func `a policy of more than a mebibyte is refused`() {
    #expect(Self.problems(String(repeating: "#", count: TextFile.sizeLimit + 1))[0].contains("larger than 1 MiB"))
  }

  @Test func `random changes to a policy never trap`() {
    var generator = SeededGenerator()
    print("seed of the mutated policies: \(generator.seed)")
    let original = Array(
      """
      endpoints: [89.44.10.178:51820, {endpoint: "[2001:db8::1]:51820", shape: any}]
      local: &home [192.168.1.0/24]
      audited: *home
      roles: {eth0: nic}
      allow:
        - id: ntfy
          reason: |
            Meant to bypass
            the tunnel.
          filter: src host 172.18.0.9 and (udp[8:4] = 1 or tcp)
          query-name: [.lan, example.org]
          expires: 2026-12-31
      resolve: {vpn.example.org: 198.51.100.1}
      """.utf8)
    let pieces = [
      "[", "]", "{", "}", ":", "- ", "? ", "&a ", "*a ", "\n", "\n  ", "\0", "!!map ", "|", "'", "\"", "é", "%",
    ]
    for _ in 0..<2000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = .random(in: 0...255, using: &generator)
        case 1: bytes.insert(contentsOf: pieces.randomElement(using: &generator)!.utf8, at: place)
        default: bytes.removeSubrange(place..<min(place + Int.random(in: 1...30, using: &generator), bytes.count - 1))
        }
      }
      _ = Self.problems(String(decoding: bytes, as: UTF8.self))
    }
  }
}
