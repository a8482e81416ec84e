import Audit
import Policy
import TestSupport
import Testing
import Wire

/// From a frame's first byte to its verdict: IP over LLC, what could be IP, and displaced tags.
@Suite struct LinkVerdictTests {
  private let query = udpPacket("\(Sample.container):40000", "203.0.113.7:53", dnsQuery("example.org"))

  private func verdict(_ payload: [UInt8], _ type: Int? = nil) -> String {
    audit([SampleFrame(ethernet(payload, EtherType(rawValue: UInt16(type ?? payload.count))), .ethernet)])[0]
  }

  @Test func `LLC of the link is local`() {
    for llc in [
      [0x42, 0x42, 0x03] + filler(35, 0), snap(filler(30), EtherType(rawValue: 0x2000), oui: [0, 0, 0x0C]),
      snap(filler(28), .arp), snap(filler(30), EtherType(rawValue: 0x809B), oui: [8, 0, 7]),
    ] {
      #expect(verdict(llc) == "local link-layer")
      #expect(verdict(llc, 0x8870) == "local link-layer")
      #expect(verdict(vlan(7, .jumboLLC, llc), 0x8100) == "local link-layer")
    }
    #expect(verdict([0x42, 0x42, 0x03] + query, 3) == "local link-layer")
  }

  @Test(arguments: 0...2) func `a length without room for LLC is undecodable`(length: Int) {
    #expect(verdict(query, length) == "leak undecodable")
    #expect(verdict([0x42, 0x42, 0x03] + filler(43), length) == "leak undecodable")
  }

  @Test func `IP over LLC is decided by its addresses`() {
    for llc in [snap(query), snap(vlan(7, .ipv4, query), .vlan), [0xFE, 0xFE, 0x03, 0xCC] + query, [6, 6, 3] + query] {
      #expect(verdict(llc) == "leak dns")
      #expect(verdict(llc, 0x8870) == "leak dns")
    }
  }

  @Test func `what could be IP over LLC is undecodable`() {
    for llc in [
      snap(ppp(query), EtherType(rawValue: 0x880B)), snap(ethernet(query), EtherType(rawValue: 0x6558)),
      snap([0, 0] + ethernet(query), EtherType(rawValue: 7), oui: [0, 0x80, 0xC2]), snap(query, oui: [0, 0, 0x0C]),
      snap(query, EtherType(rawValue: 0x8137)), [0xAA, 0xAA, 0xE3, 0, 0, 0, 8, 0] + query, [0x7E, 0x7E, 3] + query,
    ] {
      #expect(verdict(llc) == "leak undecodable")
      #expect(verdict(llc, 0x8870) == "leak undecodable")
    }
    #expect(verdict(snap(query), 8) == "leak undecodable")
  }

  @Test(arguments: [1, 4, 0x0806, 0x88CC] as [UInt16]) func `a displaced tag hides no packet`(control: UInt16) {
    let frame = cooked(query, packetType: 4)
    for (padding, expected) in [(0, "leak dns"), (1, "leak undecodable")] as [(UInt16, String)] {
      let bytes = frame[..<12] + [0x81, 0x00] + bigEndian(control) + bigEndian(padding) + frame[14...]
      #expect(audit([SampleFrame([UInt8](bytes), .linuxCooked)]) == [expected])
    }
  }

  @Test func `a cut header of SCTP is named`() {
    let whole = ip(from: address(Sample.container), to: address("203.0.113.7"), .sctp, filler(40))
    let cut = SampleFrame(Array(whole.prefix(22)), originalLength: whole.count)
    let verdicts = audit([cut]) { auditor in
      let errors = auditor.summary(ConclusionRules()).findings.map(\.decodingError)
      #expect(errors == [.truncated(.sctp, needed: 4, available: 2)])
    }
    #expect(verdicts == ["leak other"])
  }
}
