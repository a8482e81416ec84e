/// A DHCP message (RFC 2131 section 2) with the given options behind its cookie; `sname` and `file` may hold options too.
public func dhcp(
  isReply: Bool = true, sname: [UInt8] = [], file: [UInt8] = [], _ options: [UInt8], hasEnd: Bool = true
) -> [UInt8] {
  func field(_ bytes: [UInt8], _ length: Int) -> [UInt8] { bytes + filler(length - bytes.count, 0) }
  return [isReply ? 2 : 1, 1, 6, 0] + filler(40, 0) + field(sname, 64) + field(file, 128) + [0x63, 0x82, 0x53, 0x63]
    + options + (hasEnd ? [255] : [])
}

/// One option (RFC 2132 section 2).
public func dhcpOption(_ code: UInt8, _ value: [UInt8]) -> [UInt8] { [code, UInt8(value.count)] + value }

/// A route as options 121 and 249 hold it (RFC 3442): `10.0.0.0/8`, by a router.
public func classlessRoute(_ destination: String, _ length: UInt8, via router: String) -> [UInt8] {
  [length] + octets(address(destination)).prefix((Int(length) + 7) / 8) + octets(address(router))
}
