import Policy
import TestSupport
import Testing
import Wire

@Suite struct PrefixTableTests {
  @Test func `finds the longest prefix that contains an address, whatever the order`() {
    let prefixes = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "::/0", "fd00::/8"].map { IPPrefix($0)! }
    for _ in 0..<20 {
      let table = PrefixTable(prefixes.shuffled().map { ($0, $0.description) })
      #expect(table.longestMatch(address("10.1.2.3")) == "10.1.2.3/32")
      #expect(table.longestMatch(address("10.1.2.4")) == "10.1.0.0/16")
      #expect(table.longestMatch(address("10.2.0.0")) == "10.0.0.0/8")
      #expect(table.longestMatch(address("11.0.0.0")) == "0.0.0.0/0")
      #expect(table.longestMatch(address("fd00::1")) == "fd00::/8")
      #expect(table.longestMatch(address("2001:db8::")) == "::/0")
    }
  }

  @Test func `keeps the first value of a prefix given twice`() {
    let prefix = IPPrefix("10.0.0.0/8")!
    let table = PrefixTable((0..<50).map { (prefix, $0) })
    #expect(table.longestMatch(address("10.0.0.1")) == 0)
  }

  @Test func `contains nothing when empty`() {
    let table = PrefixTable<Int>([])
    #expect(table.isEmpty)
    #expect(!table.contains(address("10.0.0.1")))
  }

  @Test func `agrees with a search through all prefixes`() {
    var random = SeededGenerator()
    for _ in 0..<300 {
      let prefixes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        IPPrefix(narrowAddress(&random), length: Int.random(in: 0...128, using: &random))
      }
      let table = PrefixTable(prefixes.enumerated().map { ($1, $0) })
      for _ in 0..<40 {
        let wanted = narrowAddress(&random)
        let containing = prefixes.indices.filter { prefixes[$0].contains(wanted) }
        let longest = containing.map { prefixes[$0].length }.max()
        let expected = containing.first { prefixes[$0].length == longest }
        guard table.longestMatch(wanted) == expected, table.contains(wanted) == (expected != nil) else {
          Issue.record("\(wanted) in \(prefixes), seed \(random.seed)")
          return
        }
      }
    }
  }

  /// Few bits vary, at both ends, so that prefixes of every length are hit.
  private func narrowAddress(_ random: inout SeededGenerator) -> IPAddress {
    let bits = UInt64.random(in: 0...15, using: &random)
    let (high, low) = (bits >> 2, bits & 3)
    return Bool.random(using: &random)
      ? IPAddress(v4: UInt32(high << 30 | low)) : IPAddress(v6High: high << 62, low: low)
  }
}
