import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// CONTRACT 2, step 5: the user's exceptions.
@Suite struct AllowRuleTests {
  private let from = "172.18.0.2:40000"

  private func rules(_ rules: AllowRule...) -> TunnelPolicy { policy { $0.allowRules = rules } }

  private func query(_ name: String, _ rule: AllowRule) -> String {
    verdict(udpPacket(from, "198.51.100.7:53", dnsQuery(name)), rules(rule))
  }

  @Test func `a matching filter allows, before the local, DNS and tunnel resolver steps`() {
    let udpOnly = rules(allow("udp"))
    for to in [
      "198.51.100.7:1", "198.51.100.7:53", "10.64.0.1:5", "192.168.1.1:1", "127.0.0.1:1", "9.9.9.9:53", "0.0.0.0:1",
    ] {
      #expect(verdict(udpPacket(from, to), udpOnly) == "allowed rule 0", "to \(to)")
      #expect(!verdict(tcpPacket(from, to), udpOnly).hasPrefix("allowed rule"), "to \(to)")
    }
  }

  @Test func `names the first rule that matches`() {
    let three = rules(allow("tcp", id: "a"), allow("udp dst port 9", id: "b"), allow("udp", id: "c"))
    #expect(verdict(udpPacket(from, "198.51.100.7:9"), three) == "allowed rule 1")
    #expect(verdict(udpPacket(from, "198.51.100.7:8"), three) == "allowed rule 2")
    _ = audit([SampleFrame(udpPacket(from, "198.51.100.7:9"))], three) { auditor in
      #expect(auditor.ledger.rules.map(\.frames) == [0, 1, 0])
    }
  }

  @Test func `sees raw IP behind any link layer, and no padding`() {
    let rule = rules(allow("udp and ip[2:2] == 32 and less 32"))
    let packet = udpPacket(from, "198.51.100.7:9", filler(4))
    let tagged = ethernet(vlan(7, .pppoeSession, pppoe(ppp(packet))), .vlan) + filler(8, 0)
    #expect(audit([SampleFrame(tagged, .ethernet)], rule) == ["allowed rule 0"])
  }

  @Test func `an allow rule does not apply to incoming packets`() {
    #expect(verdict(udpPacket("198.51.100.7:9", from), rules(allow("udp"))) == "ingress")
  }

  @Test func `a filter that needs missing bytes allows nothing`() {
    let whole = udpPacket(from, "198.51.100.7:9")
    let rule = rules(allow("udp dst port 9"))
    #expect(verdict(Array(whole.prefix(23)), rule, original: whole.count) == "leak undecodable")
    #expect(verdict(Array(whole.prefix(24)), rule, original: whole.count) == "allowed rule 0")
    let address = rules(allow("dst host 198.51.100.7"))
    #expect(verdict(Array(whole.prefix(20)), address, original: whole.count) == "allowed rule 0")
  }

  // Names.

  @Test(arguments: [
    ("vpn.example", "vpn.example", true), ("vpn.example", "VPN.Example", true), ("vpn.example.", "vpn.example", true),
    ("vpn.example", "a.vpn.example", false), ("vpn.example", "xvpn.example", false),
    (".vpn.example", "a.vpn.example", true),
    (".vpn.example", "a.b.VPN.example", true), (".vpn.example", "vpn.example", false),
    (".vpn.example", "xvpn.example", false),
    (".example", "example.org", false), ("", "vpn.example", false),
  ])
  func `allows names exactly or below a suffix`(pattern: String, name: String, allowed: Bool) {
    #expect(query(name, allow(nil, names: [pattern])) == (allowed ? "allowed rule 0" : "leak dns"))
  }

  @Test func `a dot inside a label does not separate labels`() {
    let wire = [13] + Array("a.vpn.example".utf8) + [0]
    let packet = udpPacket(from, "198.51.100.7:53", dnsMessage(dnsQuestion(wire)))
    #expect(verdict(packet, rules(allow(nil, names: [".vpn.example"]))) == "leak dns")
    #expect(verdict(packet, rules(allow(nil, names: [".example"]))) == "leak dns")
  }

  @Test func `all conditions must match`() {
    let both = allow("dst host 198.51.100.7", names: ["vpn.example"])
    #expect(query("vpn.example", both) == "allowed rule 0")
    #expect(query("other.example", both) == "leak dns")
    #expect(verdict(udpPacket(from, "198.51.100.8:53", dnsQuery("vpn.example")), rules(both)) == "leak dns")
    #expect(verdict(udpPacket(from, "198.51.100.7:9"), rules(both)) == "leak other")
  }

  @Test func `an allowed name does not allow another name in the same message`() {
    let body = dnsQuestion(dnsName("vpn.example")) + dnsQuestion(dnsName("secret.example"))
    let rule = rules(allow(nil, names: ["vpn.example"]))
    let two = dnsMessage(questions: 2, body)
    #expect(verdict(udpPacket(from, "198.51.100.7:53", two), rule) == "leak dns")
    #expect(verdict(udpPacket(from, "198.51.100.7:53", Array(two.dropLast(3))), rule) == "leak dns")
    #expect(verdict(udpPacket(from, "198.51.100.7:53", dnsMessage(questions: 0, [])), rule) == "leak dns")
  }

  @Test func `allows names asked over TCP`() {
    let query = dnsQuery("vpn.example")
    let packet = tcpPacket(from, "198.51.100.7:53", bigEndian(UInt16(query.count)) + query)
    #expect(verdict(packet, rules(allow(nil, names: ["vpn.example"]))) == "allowed rule 0")
  }

  // Expiry.

  @Test func `allows until the moment of expiry and counts what it would have allowed`() {
    let frame = SampleFrame(udpPacket(from, "198.51.100.7:9"))
    let rule = allow("udp", until: frame.after(seconds: 10).time)
    let frames = [frame.after(seconds: 9.9), frame.after(seconds: 10), frame.after(seconds: 11)]
    let verdicts = audit(frames, rules(rule)) { #expect($0.ledger.expired == [2]) }
    #expect(verdicts == ["allowed rule 0", "leak other", "leak other"])
  }

  @Test func `after an expired rule, the next one is tried`() {
    let frame = SampleFrame(udpPacket(from, "198.51.100.7:9"))
    let two = rules(allow("udp", until: frame.time), allow("udp"))
    #expect(audit([frame], two) == ["allowed rule 1"])
  }
}
