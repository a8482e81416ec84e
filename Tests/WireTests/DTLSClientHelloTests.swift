import TestSupport
import Testing
import Wire

@Suite struct DTLSClientHelloTests {
  private static let message = clientHello(extensions: [
    greaseExtension, serverNameExtension(Array("vpn.example".utf8)),
  ])

  private func read(_ datagram: [UInt8]) -> TLSClientHello? { DTLSClientHello.read(datagram.rawSpan) }

  @Test(arguments: [0xFEFF, 0xFEFD, 0x0100] as [UInt16])
  func `names the server in each version, with and without a cookie`(version: UInt16) {
    for cookie in [[], filler(32, 0xC0)] {
      let hello = read(dtlsClientHello(Self.message, version: version, cookie: cookie))
      #expect(hello?.serverName == "vpn.example" && hello?.isEncrypted == false)
    }
    let outer = clientHello("outer.example", isEncrypted: true)
    #expect(read(dtlsClientHello(outer, version: version))?.isEncrypted == true)
  }

  @Test func `reads no prefix`() {
    let datagram = dtlsClientHello(Self.message, cookie: filler(20))
    for count in 0..<datagram.count { #expect(read(Array(datagram.prefix(count))) == nil, "\(count) bytes") }
    // What follows in the datagram is another record's.
    #expect(read(datagram + filler(40))?.serverName == "vpn.example")
  }

  @Test func `reads nothing but a whole hello of a first epoch`() {
    let datagram = dtlsClientHello(Self.message)
    // Type, version, epoch, length of the record, type, length, offset and length of the fragment, session id.
    for (offset, byte) in [
      (0, UInt8(0x17)), (1, 0x03), (2, 0xFE), (4, 1), (12, 20), (13, 2), (14, 1), (20, 1), (21, 1), (24, 0), (59, 0xFF),
    ] {
      var other = datagram
      other[offset] = byte
      #expect(read(other) == nil, "\(byte) at \(offset)")
    }
    #expect(read(dtlsClientHello(Self.message, fragment: 0..<20)) == nil)
    #expect(read(dtlsClientHello(Self.message, fragment: 20..<60)) == nil)
  }

  @Test func `does not trap on any bytes`() {
    var random = SeededGenerator()
    let datagram = dtlsClientHello(Self.message, cookie: filler(20))
    for _ in 0..<2000 {
      var other = datagram
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        other[Int.random(in: other.indices, using: &random)] = .random(in: 0 ... .max, using: &random)
      }
      _ = read(Array(other.prefix(Int.random(in: 0...other.count, using: &random))))
    }
  }
}
