import Glibc
import TestSupport
import Testing
import Wire

/// Text of addresses against the C library's own reading and writing.
@Suite struct IPAddressTests {
  /// What inet_pton(3) reads; nil where it refuses.
  private func reference(_ text: String) -> IPAddress? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if text.utf8.contains(UInt8(ascii: ":")) {
      guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
      return IPAddress(v6High: bytes.rawSpan.uint64(at: 0), low: bytes.rawSpan.uint64(at: 8))
    }
    guard unsafe inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
    return IPAddress(v4: bytes.rawSpan.uint32(at: 0))
  }

  /// What inet_ntop(3) writes.
  private func written(_ address: IPAddress) -> String {
    var text = [CChar](repeating: 0, count: 64)
    let bytes = octets(address)
    guard unsafe inet_ntop(address.isIPv4 ? AF_INET : AF_INET6, bytes, &text, 64) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private func expectAgreement(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let (ours, theirs) = (IPAddress(text), reference(text))
    #expect(ours == theirs, "“\(text)”", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "", " ", ".", "1", "1.2.3", "1.2.3.4", "1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "1.2.3.04", "1.2.3.00",
    "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3.256", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.+4", "1.2.3.-4",
    "0x1.2.3.4", "1.2.3.4a", "1,2,3,4", "999.1.1.1", "1.2.3.0004", "٣.2.3.4", "1.2.3.4\u{301}",
  ])
  func `reads dotted decimal as inet_pton does`(text: String) { expectAgreement(text) }

  @Test(arguments: [
    ":", "::", ":::", "::::", "::1", "1::", ":1", "1:", "1:2", "1:::2", "::1::", "1::2::3", "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8",
    "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8", "12345::", "::12345", "::g", "::-0",
    "::-1", "::+1", "-0::", "0000::", "00000::", "FFFF::ffff", "fe80::1%eth0", "[::1]", "::1/64", " ::1", "::1 ",
    "::1.2.3.4", "::ffff:1.2.3.4", "1.2.3.4::", "1.2.3.4::1", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:1.2.3.4", "1:2:3:4:5::1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4",
    "::1.2.3.256", "::1.2.3.4:5", "::1:1.2.3.4", "1::1.2.3.4:2", "64:ff9b::192.0.2.1", "::1\u{301}", "1:\r\n:2",
  ])
  func `reads IPv6 text as inet_pton does`(text: String) { expectAgreement(text) }

  @Test func `reads random texts as inet_pton does`() {
    var random = SeededGenerator()
    let characters = Array("0123456789abcdefABCDEFg:::::......+- x%/")
    var accepted = 0
    for _ in 0..<20_000 {
      // Half are made of parts that look right, half of any characters.
      let text: String
      if Bool.random(using: &random) {
        let parts = (0..<Int.random(in: 1...9, using: &random)).map { _ in
          ["0", "1", "ffff", "12", "", "1.2.3.4", "abc", "0000", "255"].randomElement(using: &random)!
        }
        text = parts.joined(separator: [":", ":", ":", "::", "."].randomElement(using: &random)!)
      } else {
        let count = Int.random(in: 0...16, using: &random)
        text = String((0..<count).map { _ in characters.randomElement(using: &random)! })
      }
      let theirs = reference(text)
      if theirs != nil { accepted += 1 }
      guard IPAddress(text) == theirs else {
        Issue.record("“\(text)”: ours \(String(describing: IPAddress(text))), seed \(random.seed)")
        return
      }
    }
    #expect(accepted > 100, "the generator makes too few addresses, seed \(random.seed)")
  }

  /// Random words, many of them zero, so that every run of zero groups occurs.
  private func randomAddress(_ random: inout SeededGenerator) -> IPAddress {
    if Int.random(in: 0..<4, using: &random) == 0 { return IPAddress(v4: .random(in: 0 ... .max, using: &random)) }
    func word() -> UInt64 {
      (0..<4).reduce(0) { word, _ in
        word << 16
          | (Bool.random(using: &random)
            ? 0 : [1, 0xFFFF, UInt64.random(in: 0...0xFFFF, using: &random)].randomElement(using: &random)!)
      }
    }
    return IPAddress(v6High: word(), low: word())
  }

  @Test func `writes addresses as inet_ntop does`() {
    var random = SeededGenerator()
    for _ in 0..<20_000 {
      let address = randomAddress(&random)
      // Glibc also writes the compatible form ::a.b.c.d, which RFC 4291 section 2.5.5.1 gave up and
      // RFC 5952 section 5 does not ask for.
      if !address.isIPv4, address.high == 0, address.low >> 32 == 0 { continue }
      guard address.description == written(address) else {
        Issue.record("ours \(address), theirs \(written(address)), seed \(random.seed)")
        return
      }
    }
  }

  @Test func `reads what it writes`() {
    var random = SeededGenerator()
    for _ in 0..<5_000 {
      let address = randomAddress(&random)
      guard IPAddress(address.description) == address else {
        Issue.record("\(address), seed \(random.seed)")
        return
      }
    }
  }

  /// RFC 5952 sections 4 and 5.
  @Test(arguments: [
    ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::A", "2001:db8::a"), ("0:0:0:0:0:0:0:0", "::"),
    ("::ffff:c000:201", "::ffff:192.0.2.1"), ("1:0:0:0:0:0:0:0", "1::"),
  ])
  func `writes the canonical form`(text: String, canonical: String) {
    #expect(address(text).description == canonical)
  }

  @Test func `a mapped address is never an IPv4 address`() {
    #expect(address("::ffff:10.0.0.1") != address("10.0.0.1"))
    #expect(!address("::ffff:10.0.0.1").isIPv4)
    #expect(address("::") != address("0.0.0.0"))
  }

  @Test func `orders IPv4 before IPv6, then by value`() {
    let ordered = ["0.0.0.0", "9.255.255.255", "10.0.0.0", "255.255.255.255", "::", "::1", "1::", "ffff::"].map(address)
    #expect(ordered.shuffled().sorted() == ordered)
  }
}
