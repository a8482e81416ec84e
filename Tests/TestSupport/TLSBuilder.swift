/// Bytes after their length, which has this many bytes.
public func prefixed(_ lengthBytes: Int, _ bytes: [UInt8]) -> [UInt8] {
  Array(bigEndian(UInt32(bytes.count)).suffix(lengthBytes)) + bytes
}

/// An extension of a hello (RFC 8446 section 4.2).
public func tlsExtension(_ type: UInt16, _ content: [UInt8]) -> [UInt8] { bigEndian(type) + prefixed(2, content) }

/// The server_name extension with one host name (RFC 6066 section 3).
public func serverNameExtension(_ name: [UInt8]) -> [UInt8] {
  tlsExtension(0, prefixed(2, [0] + prefixed(2, name)))
}

/// An outer encrypted_client_hello (RFC 9849 section 5): type, cipher suite, configuration, key and payload.
public let encryptedHelloExtension = tlsExtension(
  0xFE0D, [0, 0, 1, 0, 1, 7] + prefixed(2, filler(32)) + prefixed(2, filler(144)))

/// GREASE (RFC 8701): a type and a content of no meaning.
public let greaseExtension = tlsExtension(0x4A4A, [0])

/// A ClientHello (RFC 8446 section 4.1.2) from its type on, with these extensions.
public func clientHello(extensions: [[UInt8]]) -> [UInt8] {
  var body: [UInt8] = [3, 3] + filler(32, 0x11) + prefixed(1, filler(32, 0x22))
  body += prefixed(2, [0x0A, 0x0A, 0x13, 0x01, 0x13, 0x02]) + prefixed(1, [0])
  return [1] + prefixed(3, body + prefixed(2, extensions.flatMap { $0 }))
}

/// A hello like a browser's: with GREASE, and a post-quantum key share after the name.
public func clientHello(_ name: String, isEncrypted: Bool = false) -> [UInt8] {
  clientHello(
    extensions: [greaseExtension, serverNameExtension(Array(name.utf8))]
      + (isEncrypted ? [encryptedHelloExtension] : []) + [tlsExtension(51, filler(1216, 0x33)), greaseExtension])
}

/// A ClientHello as DTLS carries it (RFC 6347 sections 4.1, 4.2.1 and 4.2.2), with a cookie behind the session id.
public func dtlsClientHello(
  _ message: [UInt8], version: UInt16 = 0xFEFD, cookie: [UInt8] = [], fragment: Range<Int>? = nil
) -> [UInt8] {
  let body = Array(message.dropFirst(4))
  let session = 35 + Int(body[34])
  let hello = bigEndian(version) + body[2..<session] + prefixed(1, cookie) + body[session...]
  let part = fragment ?? 0..<hello.count
  let content =
    prefixed(3, hello).prefix(3) + [0, 0] + bigEndian(UInt32(part.lowerBound)).dropFirst()
    + prefixed(3, Array(hello[part]))
  return [0x16] + bigEndian(version) + [0, 0, 0, 0, 0, 0, 0, 0] + prefixed(2, [1] + content)
}

/// A message in records of at most `size` bytes (RFC 8446 section 5.1).
public func tlsRecords(_ message: [UInt8], size: Int = 1 << 14) -> [UInt8] {
  stride(from: 0, to: message.count, by: size).flatMap {
    [0x16, 3, 1] + prefixed(2, Array(message[$0..<min($0 + size, message.count)]))
  }
}
