import Foundation
import TestSupport
import Testing
import Wire

/// What each option of `replay` changes (CONTRACT 7), on captures whose verdicts are known without it.
@Suite struct OptionTests {
  private static let policy = ["--wg-config", "captures/formats/wg0.conf"]
  private static let mix = "captures/formats/pcap-nanoseconds-little-endian.pcap"
  private static let flags = "captures/formats/pcapng-flags.pcapng"

  private func audit(_ arguments: [String], policy: [String] = policy) throws -> (status: Int32, summary: Summary) {
    let result = try Command.run(["replay", "--format", "json"] + arguments + policy)
    let summary = try result.summary()
    summary.expectToAddUp()
    return (result.status, summary)
  }

  @Test func `--fail-on raises the lowest severity that fails`() throws {
    // The mix leaks DNS (high) and ICMP (medium).
    for (severity, failing) in [("info", 2), ("low", 2), ("medium", 2), ("high", 1), ("critical", 0)] {
      let (status, summary) = try audit([Self.mix, "--fail-on", severity])
      #expect(summary.failingLeaks == failing)
      #expect(summary.leak == 2)
      #expect(status == (failing > 0 ? 1 : 0))
    }
    let text = try Command.run(["replay", Self.mix, "--fail-on", "critical"] + Self.policy)
    #expect(text.output.contains("2 packets below severity"))
  }

  @Test func `a positive control succeeds only with a leak`() throws {
    let clean = "captures/healthy.nic.pcap"
    #expect(try audit([Self.mix, "--expect-leak"]).status == 0)
    #expect(try audit([clean, "--expect-leak"]).status == 1)
    // The cut could have hidden the leak that was expected: not found, and not shown to be absent.
    let directory = try TemporaryDirectory()
    let cut = try directory.file("cut.pcap", DamagedInputTests.pcap.dropLast(1))
    #expect(try audit([cut, "--expect-leak"]).status == 3)
    let result = try Command.run(["replay", clean, "--expect-leak"] + Self.policy)
    #expect(result.errorLines.map { $0.contains("a leak was expected") } == [true])
  }

  @Test func `undeclared private space can be declared or be a leak`() throws {
    let plain = try audit([Self.mix]).summary
    #expect(plain.undeclared.map(\.name) == ["172.18.0.0/24"])
    let declared = try audit([Self.mix, "--local", "172.18.0.0/16"]).summary
    #expect(declared.undeclared.isEmpty)
    #expect(declared.localKinds.map(\.name) == ["private"])
    let strict = try audit([Self.mix, "--strict-local"]).summary
    #expect((strict.local, strict.leak) == (0, 3))
    let both = try audit([Self.mix, "--strict-local", "--local", "172.18.0.0/16"]).summary
    #expect((both.local, both.leak) == (1, 2))
    // A declared address is no longer public, on either side.
    let premises = try audit([Self.mix, "--local", "198.51.100.11/32"]).summary
    #expect(premises.leaks("icmp") == 0)
  }

  @Test func `a resolver of the policy may be asked`() throws {
    let (status, summary) = try audit([Self.mix, "--resolver", "198.51.100.53"])
    #expect(status == 1)
    #expect((summary.allowed, summary.leaks("dns")) == (1, 0))
    #expect(summary.allowedBy.map(\.name) == ["resolver:198.51.100.53"])
  }

  @Test func `the audited side decides the direction before other addresses`() throws {
    let other = try audit([Self.mix, "--audited", "172.18.0.9/32", "--audited-only"])
    // Only the packet to 172.18.0.9 touches the audited side, and it comes in.
    #expect(other.summary.ingress == 8)
    #expect(other.status == 3)
    let stack = try audit([Self.mix, "--audited", "172.18.0.2/32", "--audited-only"]).summary
    #expect((stack.tunnel, stack.local, stack.leak, stack.ingress) == (2, 1, 2, 3))
    let card = try audit([Self.mix, "--audited", "02:42:ac:12:00:02", "--audited-only"]).summary
    #expect(card.classes == stack.classes)
    // The router as audited side: what it forwards to the stack is its egress.
    let router = try audit([Self.mix, "--audited", "02:42:ac:12:00:01", "--audited-only"]).summary
    #expect((router.tunnel, router.local, router.leak, router.ingress) == (0, 3, 0, 5))
  }

  @Test func `a record's direction counts only with a role`() throws {
    let plain = try audit([Self.flags]).summary
    // The flags call the stack's packets incoming: on a bridge that is egress.
    let bridge = try audit([Self.flags, "--role", "br-stack=bridge"]).summary
    #expect(bridge.classes == plain.classes)
    let card = try audit([Self.flags, "--role", "br-stack=nic"]).summary
    #expect((card.tunnel, card.local, card.leak, card.ingress) == (0, 3, 0, 5))
    // Cooked packet types, under the file's name.
    let cooked = try audit(["captures/formats/cooked-2.pcap", "--role", "cooked-2.pcap=nic"]).summary
    #expect((cooked.tunnel, cooked.local, cooked.leak, cooked.ingress) == (2, 2, 2, 3))
    let swapped = try audit(["captures/formats/cooked-2.pcap", "--role", "cooked-2.pcap=bridge"]).summary
    #expect((swapped.tunnel, swapped.local, swapped.leak, swapped.ingress) == (0, 3, 0, 6))
  }

  @Test func `options can state a tunnel address and a tunnel resolver`() throws {
    let flags = [
      "--endpoint", "203.0.113.178:51820", "--endpoint", "[2001:db8:178::1]:51820", "--tunnel-address", "10.64.114.74",
      "--tunnel-dns", "10.64.0.1",
    ]
    let capture = "captures/formats/packets-verdicts.pcap"
    let byFlags = try audit([capture], policy: flags).summary
    let byFile = try audit([capture]).summary
    #expect(byFlags.classes == byFile.classes)
    #expect(byFlags.leaks("tunnel-address") == 2)
    #expect(byFlags.leaks("tunnel-destination") == 2)
  }

  @Test func `a tunnel address may have a prefix length, as in Address =`() throws {
    let capture = "captures/formats/packets-verdicts.pcap"
    let flags = ["--endpoint", "203.0.113.178:51820", "--tunnel-dns", "10.64.0.1", "--tunnel-address"]
    let plain = try audit([capture], policy: flags + ["10.64.114.74"]).summary
    for text in ["10.64.114.74/32", "10.64.114.74/16"] {
      #expect(try audit([capture], policy: flags + [text]).summary.classes == plain.classes)
    }
    // A network is not an address.
    for text in ["10.64.0.0/16", "10.64.114.74/33", "10.64.114.74/", "/32", ""] {
      let result = try Command.run(["replay", capture] + flags + [text])
      #expect(result.status == 64, "\(text)")
      #expect(result.errors.contains("--tunnel-address '\(text)': it takes an IPv4 or IPv6 address"), "\(text)")
    }
  }

  @Test func `a user's rule replaces the shipped rule with the same id`() throws {
    let directory = try TemporaryDirectory()
    let rule = """
      rules:
        - id: icmp.query
          label: icmp
          severity: info
          title: Our own monitoring
          why: It pings.
          reference: RFC 792
          filter: icmp or icmp6
      """
    _ = try directory.file("ours.yaml", rule)
    let summary = try audit([Self.mix, "--rules", directory.url.path]).summary
    #expect(summary.leaks.first { $0.reason == "icmp" }?.severity == "info")
    #expect(summary.failingLeaks == 1)
    let text = try Command.run(["replay", Self.mix, "--rules", directory.url.path] + Self.policy)
    #expect(text.output.contains("Our own monitoring"))
  }

  @Test func `an allow rule allows with its reason, until it expires`() throws {
    let directory = try TemporaryDirectory()
    func policy(_ expires: String) throws -> [String] {
      let text = """
        allow:
          - id: monitoring
            reason: The ping that our monitoring sends
            filter: icmp and dst host 198.51.100.11
            expires: \(expires)
          - id: unused
            reason: Nobody does this
            filter: tcp port 9
        """
      return try ["--policy", directory.file("policy-\(expires).yaml", text)] + Self.policy
    }
    // The capture is of 2023-11-14; a rule's clock is the packet's.
    let valid = try audit([Self.mix], policy: policy("2023-11-14")).summary
    #expect((valid.allowed, valid.leaks("icmp")) == (1, 0))
    #expect(valid.allowedBy.map(\.name) == ["monitoring"])
    #expect(valid.notices.contains { $0.kind == "unused-allow-rule" && $0.text.contains("unused") })
    let expired = try audit([Self.mix], policy: policy("2023-11-13")).summary
    #expect((expired.allowed, expired.leaks("icmp")) == (0, 1))
    #expect(expired.notices.contains { $0.kind == "expired-allow-rule" })
    // No allow rule covers an inner packet in clear.
    let everything = try directory.file(
      "all.yaml", "allow: [{id: all, reason: All, filter: 'ip or ip6'}]\n")
    let inner = try audit(
      ["captures/formats/packets-verdicts.pcap"], policy: ["--policy", everything] + Self.policy
    ).summary
    #expect(Set(inner.leaks.map(\.reason)) == ["tunnel-address", "not-wireguard", "endpoint-bypass"])
  }

  @Test func `a policy file states the shape of an Endpoint that a configuration gave`() throws {
    let directory = try TemporaryDirectory()
    let any = try directory.file("any.yaml", "endpoints: [{endpoint: '203.0.113.178:51820', shape: any}]\n")
    // The mix has one WireGuard tunnel, which `shape: any` accepts too.
    let summary = try audit([Self.mix], policy: Self.policy + ["--policy", any]).summary
    let tunnel = try #require(summary.tunnelStates.first { $0.endpoint == "203.0.113.178:51820" })
    #expect(tunnel.grade == "address-only")
    #expect(tunnel.origin.contains("wg0.conf") && tunnel.origin.contains("any.yaml:1"))
    #expect(summary.tunnelStates.count { $0.endpoint == tunnel.endpoint } == 1)
  }

  @Test func `a shape that is not checked causes a notice`() throws {
    let directory = try TemporaryDirectory()
    let any = try directory.file("any.yaml", "endpoints: [{endpoint: '203.0.113.178:51820', shape: any}]\n")
    let summary = try audit(["captures/formats/packets-verdicts.pcap"], policy: ["--policy", any]).summary
    #expect(summary.leaks("not-wireguard") == 0)
    #expect(summary.notices.contains { $0.kind == "shape-not-checked" })
  }
}
