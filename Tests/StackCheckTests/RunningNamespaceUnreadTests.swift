import StackCheck
import Testing
import Wire

/// What a namespace's programs leave out, or print so that it looks like something else: never clean.
@Suite struct RunningNamespaceUnreadTests {
  private typealias Running = RunningNamespaceTests

  @Test func `an iptables table that does nothing refuses nothing`() throws {
    let dormant = Running.namespace {
      $0.nft =
        "table ip filter {\n\tflags dormant\n\tchain OUTPUT {\n\t\ttype filter hook output priority 0; policy drop;\n\t}\n}\n"
    }
    let (_, skipped, said) = try Running.judge(dormant)
    #expect(skipped.count == 1 && skipped[0].contains("flags dormant") && said.isEmpty, "\(skipped)")
  }

  @Test(
    arguments: [
      // What the kernel accepts from a program that uses netlink.
      #"{"nftables": [{"chain": {"family": "inet", "table": "k", "name": "o {\n policy drop;\n}", "handle": 1}}]}"#,
      #"{"nftables": [{"chain": {"family": "inet", "table": "k", "name": "o { drop } x", "handle": 1}}]}"#,
      #"{"nftables": [{"rule": {"table": "k", "chain": "o", "comment": "a\" drop comment \"b", "expr": []}}]}"#,
    ])
  func `names and comments that look like rules are not trusted`(json: String) throws {
    let (_, skipped, said) = try Running.judge(Running.namespace { $0.nftJSON = json })
    #expect(skipped.count == 1 && said.isEmpty, "\(skipped)")
  }

  @Test func `plain names and comments are trusted`() throws {
    let json =
      #"{"nftables": [{"chain": {"family": "inet", "table": "k", "name": "f2b-ssh_d.1"}}, "#
      + #"{"rule": {"chain": "o", "comment": "let {this} out; # 1", "expr": [{"jump": {"target": "DOCKER-USER"}}]}}]}"#
    #expect(try Running.judge(Running.namespace { $0.nftJSON = json }).said.count == 1)
  }

  @Test func `a comment of several lines is not a rule`() throws {
    let open = Running.namespace {
      $0.saved[0].text.replace(":OUTPUT DROP", with: ":OUTPUT ACCEPT")
      $0.saved[0].text.replace(
        "COMMIT", with: "-A OUTPUT -m comment --comment \"x\n-A OUTPUT -o eth0 -j DROP\n#\"\nCOMMIT")
    }
    let (_, skipped, said) = try Running.judge(open)
    #expect(skipped.count == 1 && said.isEmpty, "\(skipped)")
  }

  @Test func `an interface's kind counts, not its name`() throws {
    let renamed = Running.namespace {
      $0.links[0].name = "x"
      $0.links[1].name = "lo"
    }
    #expect(try !Running.judge(renamed).skipped.isEmpty)
    for name in ["a;exit", "'", "eth+", "e\"", "*"] {
      let strange = Running.namespace { $0.links.append(.init(name: name, kind: "veth", addresses: [])) }
      #expect(try Running.judge(strange).skipped.count == 1, "\(name)")
    }
  }

  @Test func `what redirects packets after the rules is reported`() throws {
    let plain = "qdisc noqueue 0: dev lo root refcnt 2 \nqdisc fq_codel 0: dev tun0 root refcnt 2 limit 10240p\n"
    #expect(try Running.judge(Running.namespace { $0.disciplines = plain }).said.count == 1)
    let clsact = "qdisc clsact ffff: dev tun0 parent ffff:fff1 \n"
    let filter =
      "filter parent 8001: protocol all pref 49152 matchall chain 0 handle 0x1 \n  not_in_hw\n\taction order 1: mirred "
      + "(Egress Redirect to device eth0) stolen\n"
    for namespace in [
      Running.namespace { $0.disciplines = plain + clsact },
      Running.namespace { ($0.disciplines, $0.filters) = (plain, filter) },
      Running.namespace { $0.links[1].hasProgram = true },
      Running.namespace { $0.routing6.routes = "default encap seg6 mode encap segs 1 [ 2001:db8::1 ] dev tun0\n" },
    ] {
      let (_, skipped, said) = try Running.judge(namespace)
      #expect(skipped.count == 1 && said.isEmpty, "\(skipped)")
    }
  }

  @Test func `an existing rule is not refused`() throws {
    let unknown = Running.namespace { $0.saved[0].text.replace("COMMIT", with: "-A OUTPUT -j HMARK\nCOMMIT") }
    let (findings, skipped, _) = try Running.judge(unknown)
    #expect(findings.isEmpty && skipped.count == 1, "\(findings)")
  }

  // MARK: - Interfaces

  @Test func `IPv6 is off if it is off on each outgoing interface`() throws {
    let both = Running.namespace {
      $0.saved.removeLast()
      $0.links.append(.init(name: "eth1", kind: "veth", addresses: []))
      $0.withoutIPv6 = ["eth0", "eth1"]
    }
    #expect(try Running.judge(both).findings.isEmpty)
    var one = both
    one.withoutIPv6 = ["eth0", "lo"]
    #expect(try Running.judge(one).findings.contains { $0.hasPrefix("ipv6-open") })
  }

  @Test func `an interface that is down carries nothing`() throws {
    let rules = "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -o eth0 ! -d 203.0.113.178/32 -j DROP\nCOMMIT\n"
    var running = Running.namespace {
      $0.saved = [("iptables-nft-save", rules)]
      $0.withoutIPv6 = ["eth0", "tunl0"]
      $0.links.append(.init(name: "tunl0", kind: "ipip", addresses: [], isUp: false))
    }
    #expect(try Running.judge(running).findings.allSatisfy { $0.hasPrefix("endpoint-accepted") })
    running.links[3].isUp = true
    #expect(try Running.judge(running).findings.contains { $0.hasPrefix("no-kill-switch") })
    for index in running.links.indices { running.links[index].isUp = false }
    #expect(try Running.judge(running).findings.contains { $0.hasPrefix("no-kill-switch") })
  }

  @Test func `a route in another table than main leads out too`() throws {
    let open = "*filter\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    let closed = Running.namespace {
      $0.saved[0].text = open
      $0.routing.rules += "201:\tfrom all lookup 201\n"
      $0.routing.routes += "blackhole default table 201\n"
    }
    #expect(try Running.judge(closed).findings.contains { $0.hasPrefix("may-be-open") })
    var led = closed
    led.routing.rules += "200:\tfrom all lookup 200\n"
    led.routing.routes += "default via 172.31.0.1 dev eth0 table 200\n"
    #expect(try Running.judge(led).findings.contains { $0.hasPrefix("no-kill-switch") })
  }
}
