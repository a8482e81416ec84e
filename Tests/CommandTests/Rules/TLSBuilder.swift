import TestSupport

/// A TLS record (RFC 8446 section 5.1).
func tlsRecord(_ type: UInt8, _ fragment: [UInt8], version: UInt16 = 0x0303) -> [UInt8] {
  [type] + bigEndian(version) + bigEndian(UInt16(fragment.count)) + fragment
}

/// A record with a ClientHello (RFC 8446 section 4.1.2) that names a server (RFC 6066 section 3).
func tlsClientHello(_ server: String, protocols: [String] = ["h2"]) -> [UInt8] {
  func sized(_ bytes: [UInt8]) -> [UInt8] { bigEndian(UInt16(bytes.count)) + bytes }
  func tlsExtension(_ type: UInt16, _ body: [UInt8]) -> [UInt8] { bigEndian(type) + sized(body) }
  let names = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
  let extensions =
    tlsExtension(0, sized([0] + sized(Array(server.utf8))))  // server_name
    + tlsExtension(10, sized([0x00, 0x1D]))  // supported_groups: x25519
    + tlsExtension(13, sized([0x08, 0x04, 0x04, 0x03]))  // signature_algorithms
    + tlsExtension(16, sized(names))  // application_layer_protocol_negotiation
    + tlsExtension(43, [2, 0x03, 0x04])  // supported_versions: 1.3
    + tlsExtension(51, sized([0x00, 0x1D] + sized(filler(32, 0x42))))  // key_share
  let hello =
    [0x03, 0x03] + filler(32, 0x52) + [0] + sized([0x13, 0x01, 0x13, 0x03]) + [1, 0] + sized(extensions)
  let length = bigEndian(UInt32(hello.count)).dropFirst()
  return tlsRecord(22, [1] + length + hello, version: 0x0301)
}
