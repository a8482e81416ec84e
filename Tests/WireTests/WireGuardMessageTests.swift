import TestSupport
import Testing
import Wire

@Suite struct WireGuardMessageTests {
  /// Whitepaper section 5.4: 148, 92 and 64 bytes exactly; transport data from 32 on.
  @Test func `recognizes a message by type and length`() {
    let exact: [UInt32: (Int, WireGuardMessage)] = [1: (148, .initiation), 2: (92, .response), 3: (64, .cookie)]
    for type in UInt32(0)...255 {
      for length in [0, 3, 4, 16, 31, 32, 33, 63, 64, 65, 91, 92, 93, 147, 148, 149, 1452, 65_507] {
        var expected: WireGuardMessage?
        if type == 4, length >= 32 { expected = .data }
        if let (exactLength, message) = exact[type], exactLength == length { expected = message }
        #expect(
          WireGuardMessage(firstWord: type << 24, payloadLength: length) == expected, "type \(type), \(length) bytes")
      }
    }
  }

  @Test(arguments: 0..<24) func `requires each reserved bit to be zero`(bit: UInt32) {
    #expect(WireGuardMessage(firstWord: 0x0400_0000 | 1 << bit, payloadLength: 64) == nil)
    #expect(WireGuardMessage(firstWord: 0x0400_0000 | 1 << bit, payloadLength: 64, anyReserved: true) == .data)
    #expect(WireGuardMessage(firstWord: 0x0100_0000 | 1 << bit, payloadLength: 148, anyReserved: true) == .initiation)
    #expect(WireGuardMessage(firstWord: 0x0100_0000 | 1 << bit, payloadLength: 149, anyReserved: true) == nil)
  }

  @Test func `names its lengths`() {
    #expect(WireGuardMessage.initiationLength == 148)
    #expect(WireGuardMessage.responseLength == 92)
    #expect(WireGuardMessage.cookieLength == 64)
    #expect(WireGuardMessage.keepaliveLength == 32)
  }
}
