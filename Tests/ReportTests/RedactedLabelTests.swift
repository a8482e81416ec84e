import Audit
import Policy
import PolicyFiles
import TestSupport
import Testing
import Wire

@testable import Report

/// What distinguishes protocols stays.
@Suite struct RedactedLabelTests {
  @Test func `a redacted packet keeps its label under every rule without names and addresses`()
    throws
  {
    let redactor = Redactor(key: Array("a key of the tests".utf8), policy: TunnelPolicy())
    let rules = try loadShippedRules().list.filter { rule in
      rule.serverNames.isEmpty && rule.queryNames.isEmpty && rule.filterExpression?.contains("dst host") != true
    }
    func rule(_ packet: [UInt8], _ length: Int) -> String? {
      rules.first { $0.matches(packet.rawSpan, originalLength: length) }?.id
    }
    var found: Set<String> = []
    for packet in try RulePackets.all() {
      let frame = SampleFrame(packet)
      let shown = RedactedFrame.bytes(frame.captured, redactor)
      let (before, after) = (rule(packet, packet.count), rule(shown, packet.count))
      #expect(before == after, "\(packet.prefix(80)) \(shown)")
      if let before { found.insert(before) }
    }
    #expect(found.count > 40)
  }

  @Test(arguments: [[0, 0, 0], [9, 8, 7]] as [[UInt8]])
  func `a WireGuard message stays one, with its reserved bytes`(reserved: [UInt8]) throws {
    let redactor = Redactor(key: [1], policy: TunnelPolicy())
    for (type, length) in [(1, 148), (2, 92), (3, 64), (4, 32), (4, 1452)] as [(UInt8, Int)] {
      let packet = udpPacket("172.18.0.2:1", "198.51.100.7:51820", wireGuard(type, length: length, reserved: reserved))
      let shown = RedactedFrame.bytes(SampleFrame(packet).captured, redactor)
      let word = shown[28..<32].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
      for any in [true, false] {
        #expect(
          (WireGuardMessage(firstWord: word, payloadLength: length, anyReserved: any) == nil)
            == (!any && reserved != [0, 0, 0]))
      }
      #expect(Array(shown[29..<32]) != reserved || reserved == [0, 0, 0])
    }
  }
}
