import TestSupport
import Testing
import Wire

@Suite struct LWOMessageTests {
  private static let key: [UInt8] = [0xE0, 0x49, 0x00, 0xE1] + filler(28, 0x5C)

  private func kind(_ message: [UInt8], key: [UInt8] = key) -> WireGuardMessage? {
    LWOMessage.kind(message.rawSpan, length: message.count, key: key)
  }

  private static let messages: [(message: [UInt8], kind: WireGuardMessage)] = [
    (WireGuardSample.initiation, .initiation), (WireGuardSample.response, .response), (WireGuardSample.cookie, .cookie),
    (WireGuardSample.keepalive, .data), (WireGuardSample.data, .data), (wireGuard(4, length: 1452), .data),
  ]

  @Test func `recognizes each message of both versions by the receiver's key`() {
    for (message, expected) in Self.messages {
      for mark in [0x80, 0x9C, 0xFF] as [UInt8] {
        #expect(kind(lwo1(message, key: Self.key, mark: mark)) == expected)
      }
      #expect(kind(lwo2(message, key: Self.key)) == expected)
    }
    // Handshakes of version 2 are padded, by 1 to 256 bytes.
    for padding in [1, 100, 256] {
      #expect(kind(lwo2(WireGuardSample.initiation, key: Self.key, padding: padding)) == .initiation)
      #expect(kind(lwo2(WireGuardSample.response, key: Self.key, padding: padding)) == .response)
    }
    #expect(kind(lwo2(WireGuardSample.initiation, key: Self.key, padding: 257)) == nil)
  }

  @Test func `recognizes nothing with another key, and no plain message but a cookie`() {
    for place in [0, 2, 3] {
      var key = Self.key
      key[place] ^= 0x10
      for (message, _) in Self.messages {
        #expect(kind(lwo1(message, key: Self.key, mark: 0x80), key: key) == nil, "\(place)")
        if message[0] != 3 { #expect(kind(lwo2(message, key: Self.key), key: key) == nil, "\(place)") }
      }
    }
    for (message, expected) in Self.messages { #expect(kind(message) == (expected == .cookie ? .cookie : nil)) }
  }

  @Test func `reads no prefix, and does not trap on any bytes`() {
    for (message, _) in Self.messages where message[0] != 4 {
      let one = lwo1(message, key: Self.key, mark: 0x80)
      for count in 0..<one.count { #expect(kind(Array(one.prefix(count))) == nil) }
      // Version 2 mixes the length in.
      let two = lwo2(message, key: Self.key)
      for count in 0..<two.count { #expect(kind(Array(two.prefix(count))) == nil) }
    }
    for count in 0..<4 { #expect(LWOMessage.kind(filler(count).rawSpan, length: 148, key: Self.key) == nil) }
    #expect(LWOMessage.kind(filler(148).rawSpan, length: 148, key: []) == nil)
  }
}
