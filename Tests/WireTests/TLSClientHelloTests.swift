import TestSupport
import Testing
import Wire

@Suite struct TLSClientHelloTests {
  /// Nil where more must tell or it is something else, by what is asked for.
  private func whole(_ reading: StreamReading<TLSClientHello>) -> TLSClientHello? {
    if case .whole(let hello) = reading { hello } else { nil }
  }

  private func hello(_ message: [UInt8]) -> TLSClientHello? { whole(.read(message)) }

  @Test func `names the server despite GREASE around it`() {
    let read = hello(clientHello("www.example.org"))
    #expect(read?.serverName == "www.example.org" && read?.isEncrypted == false)
  }

  @Test func `recognizes an encrypted hello by its outer extension, before or after the name`() {
    let name = serverNameExtension(Array("public.example".utf8))
    for extensions in [[name, encryptedHelloExtension], [encryptedHelloExtension, name]] {
      let read = hello(clientHello(extensions: extensions))
      #expect(read?.serverName == "public.example" && read?.isEncrypted == true)
    }
    // The type of the inner hello, which nobody sends in clear.
    #expect(hello(clientHello(extensions: [name, tlsExtension(0xFE0D, [1])]))?.isEncrypted == false)
  }

  @Test func `reads a hello without a name or without extensions`() {
    #expect(hello(clientHello(extensions: [greaseExtension])).map { $0.serverName == nil } == true)
    let body: [UInt8] = [3, 1] + filler(32) + [0, 0, 2, 0, 0x2F, 1, 0]
    #expect(hello([1] + prefixed(3, body)).map { $0.serverName == nil } == true)
  }

  @Test func `takes the first host name and no other type`() {
    let other = [7] + prefixed(2, Array("other.example".utf8))
    let first = [0] + prefixed(2, Array("first.example".utf8))
    let second = [0] + prefixed(2, Array("second.example".utf8))
    #expect(
      hello(clientHello(extensions: [tlsExtension(0, prefixed(2, other + first + second))]))?.serverName
        == "first.example")
  }

  @Test func `escapes what could control a terminal`() {
    let name = Array("a\u{1B}[2J.example".utf8)
    #expect(hello(clientHello(extensions: [serverNameExtension(name)]))?.serverName == "a\\027[2J.example")
  }

  @Test func `needs more bytes at every prefix, of the message and of its records`() {
    let message = clientHello("www.example.org", isEncrypted: true)
    for count in 0..<message.count {
      guard case .needsMore = StreamReading.read(Array(message.prefix(count))) else {
        Issue.record("\(count) bytes of the message")
        return
      }
    }
    let records = tlsRecords(message, size: 100)
    for count in 0..<records.count {
      guard case .needsMore = TLSClientHello.read(records: Array(records.prefix(count)).rawSpan) else {
        Issue.record("\(count) bytes of the records")
        return
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 37, 99, 1000, 1 << 14])
  func `reads a hello in records of any size`(size: Int) {
    let message = clientHello("www.example.org")
    #expect(
      whole(TLSClientHello.read(records: tlsRecords(message, size: size).rawSpan))?.serverName == "www.example.org")
  }

  @Test(arguments: [
    [0x17, 3, 3, 0, 1, 0], [0x16, 2, 0, 0, 1, 1], [0x16, 3, 1, 0, 0], [0x16, 3, 1, 0x40, 1], [0x16, 3, 1, 0, 1, 2],
    [0x16, 3, 1, 0, 4, 1, 0, 0x40, 0], [0x47], [0x80],
  ])
  func `accepts nothing else as a hello`(bytes: [UInt8]) {
    guard case .other = TLSClientHello.read(records: bytes.rawSpan) else {
      Issue.record("\(bytes)")
      return
    }
  }

  /// Each length that is too great reaches past what holds it.
  @Test func `a hello with a false length is not a hello`() {
    let message = clientHello("www.example.org")
    for (offset, width) in [(38, 1), (71, 2), (79, 1), (81, 2), (85, 2), (90, 2), (92, 2), (95, 2)] {
      var bytes = message
      for index in 0..<width { bytes[offset + index] = 0xFF }
      let read = StreamReading.read(bytes)
      if case .whole(let hello) = read { #expect(hello.serverName == nil, "length at \(offset)") }
      if case .needsMore = read { Issue.record("length at \(offset)") }
    }
  }
}

extension StreamReading<TLSClientHello> {
  fileprivate static func read(_ message: [UInt8]) -> Self { TLSClientHello.read(handshake: message.rawSpan) }
}
