import TestSupport
import Testing
import Wire

@Suite struct IPPrefixTests {
  /// The bits of an address, first bit first: what a prefix is, literally.
  private func bits(_ address: IPAddress) -> [Bool] {
    octets(address).flatMap { octet in (0..<8).map { octet & (0x80 >> $0) != 0 } }
  }

  @Test func `contains exactly the addresses that share its bits`() {
    var random = SeededGenerator()
    for _ in 0..<20_000 {
      let base =
        Bool.random(using: &random)
        ? IPAddress(v4: .random(in: 0 ... .max, using: &random))
        : IPAddress(v6High: .random(in: 0 ... .max, using: &random), low: .random(in: 0 ... .max, using: &random))
      let length = Int.random(in: 0...base.width, using: &random)
      // A neighbour that differs in one bit, or not at all.
      let flipped = Int.random(in: 0...base.width, using: &random)
      let other: IPAddress
      if flipped == base.width {
        other = base
      } else if base.isIPv4 {
        other = IPAddress(v4: UInt32(truncatingIfNeeded: base.low) ^ 1 << UInt32(31 - flipped))
      } else if flipped < 64 {
        other = IPAddress(v6High: base.high ^ 1 << UInt64(63 - flipped), low: base.low)
      } else {
        other = IPAddress(v6High: base.high, low: base.low ^ 1 << UInt64(127 - flipped))
      }
      let expected = bits(base).prefix(length) == bits(other).prefix(length)
      guard IPPrefix(base, length: length).contains(other) == expected else {
        Issue.record("\(base)/\(length) and \(other), seed \(random.seed)")
        return
      }
    }
  }

  @Test func `drops the bits beyond its length`() {
    #expect(IPPrefix("10.1.2.3/8")?.description == "10.0.0.0/8")
    #expect(IPPrefix("10.255.255.255/9") == IPPrefix("10.128.0.0/9"))
    #expect(IPPrefix("2001:db8:ffff::1/33")?.description == "2001:db8:8000::/33")
    #expect(IPPrefix("2001:db8::ffff/127")?.description == "2001:db8::fffe/127")
  }

  @Test func `reads an address alone as one address`() {
    #expect(IPPrefix("192.0.2.1") == IPPrefix(address("192.0.2.1"), length: 32))
    #expect(IPPrefix("::1") == IPPrefix(address("::1"), length: 128))
  }

  @Test(arguments: [
    "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0/8",
    "::/129", "::/8x", "10.0.0.0/255.0.0.0", "10.0.0.0/99999999999999999999", "10.0.0.0/٨",
  ])
  func `refuses text that is not a prefix`(text: String) { #expect(IPPrefix(text) == nil) }

  @Test func `contains nothing of the other family`() {
    #expect(IPPrefix("0.0.0.0/0")?.contains(address("::")) == false)
    #expect(IPPrefix("::/0")?.contains(address("0.0.0.0")) == false)
    #expect(IPPrefix("0.0.0.0/0")?.contains(address("255.255.255.255")) == true)
    #expect(IPPrefix("::/0")?.contains(address("ffff::")) == true)
  }

  @Test func `clamps a length beyond the address`() {
    #expect(IPPrefix(address("10.0.0.1"), length: 99).length == 32)
    #expect(IPPrefix(address("10.0.0.1"), length: -1) == IPPrefix("0.0.0.0/0"))
    #expect(IPPrefix(address("::1"), length: 999).length == 128)
  }

  @Test func `writes endpoints with their port`() {
    #expect(endpoint("192.0.2.1:51820").description == "192.0.2.1:51820")
    #expect(endpoint("[2001:db8::1]:51820").description == "[2001:db8::1]:51820")
  }

  @Test(arguments: [
    ("02:AB:cd:00:ff:01", "02:ab:cd:00:ff:01"), ("02-ab-cd-00-ff-01", "02:ab:cd:00:ff:01"),
    ("00:00:00:00:00:00", "00:00:00:00:00:00"),
  ])
  func `reads and writes MAC addresses`(text: String, canonical: String) {
    #expect(MACAddress(text)?.description == canonical)
  }

  @Test(arguments: [
    "", "02:ab:cd:00:ff", "02:ab:cd:00:ff:01:02", "2:ab:cd:0:ff:1", "02:ab:cd:00:ff:0g", "+2:ab:cd:00:ff:01",
    "02:ab:cd:00:ff:+1", "02abcd00ff01", "002:b:cd:00:ff:01",
  ])
  func `refuses text that is not a MAC address`(text: String) { #expect(MACAddress(text) == nil) }
}
