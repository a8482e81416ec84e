import TestSupport
import Wire

/// Mail, databases and administration.
extension RuleCapture {
  /// Length, version 3.0, and parameters (PostgreSQL, StartupMessage).
  private static let startup: [UInt8] = {
    let body = bigEndian(UInt32(0x0003_0000)) + Array("user\0alice\0database\0books\0\0".utf8)
    return bigEndian(UInt32(body.count + 4)) + body
  }()

  /// OP_MSG with one empty document.
  private static func mongo(_ operation: UInt32) -> [UInt8] {
    littleEndian(UInt32(26)) + littleEndian(UInt32(1)) + littleEndian(UInt32(0)) + littleEndian(operation)
      + littleEndian(UInt32(0)) + [0] + littleEndian(UInt32(5)) + [0]
  }

  /// GetRequest of sysDescr with the community `public` (RFC 1157 section 4.1).
  private static func snmp(version: UInt8) -> [UInt8] {
    let request: [UInt8] =
      [2, 1, version, 4, 6] + Array("public".utf8)
      + [0xA0, 25, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 14, 0x30, 12, 6, 8, 0x2B, 6, 1, 2, 1, 1, 1, 0, 5, 0]
    return [0x30, UInt8(request.count)] + request
  }

  static let services: [Self] = [
    Self(
      "mail.tls-hello",
      yes: [
        segment(993, tlsClientHello("imap.example.org", protocols: ["imap"])),
        segment(465, tlsClientHello("smtp.example.org")),
      ],
      no: [segment(443, tlsClientHello("imap.example.org")), segment(993), segment(993, tlsRecord(23, filler(40)))]),
    Self(
      "mail.tls", yes: [segment(993), segment(465, tlsRecord(23, filler(40))), segment(995)],
      no: [segment(994), datagram(993, filler(20)), segment(993, tlsClientHello("imap.example.org"))]),
    Self(
      "mail.clear",
      yes: [
        segment(25, "EHLO client.example.org\r\n"), segment(587, "MAIL FROM:<alice@example.org>\r\n"),
        segment(143, "a1 LOGIN alice secret\r\n"), segment(110, "USER alice\r\n"),
      ],
      no: [segment(25), segment(587, tlsClientHello("smtp.example.org")), segment(26, "EHLO client.example.org\r\n")]),
    Self(
      "mail.port", yes: [segment(25), segment(587), segment(143), segment(110)],
      no: [segment(24), datagram(25, filler(8)), segment(143, "a1 CAPABILITY\r\n")]),
    Self(
      "postgresql.startup", yes: [segment(5432, startup), segment(15_432, startup)],
      no: [
        // A request for TLS does not name anyone yet.
        segment(5432, bigEndian(UInt32(8)) + bigEndian(UInt32(80_877_103))), segment(15_432, startup + [0]),
      ]),
    Self(
      "redis.command", yes: [segment(6379, "*1\r\n$4\r\nPING\r\n"), segment(6380, "*12\r\n$3\r\nSET\r\n")],
      no: [segment(6379, "PING\r\n"), segment(6380, "*x\r\n$4\r\nPING\r\n")]),
    Self(
      "mongodb.message", yes: [segment(27_017, mongo(2013)), segment(27_018, mongo(2004))],
      no: [segment(27_018, mongo(2015)), segment(27_017)]),
    Self(
      "database.content",
      yes: [segment(3306, [6, 0, 0, 0, 3] + Array("SHOW".utf8)), segment(6379, "PING\r\n")],
      no: [
        segment(3306), segment(3307, [6, 0, 0, 0, 3] + Array("SHOW".utf8)), segment(5432, tlsRecord(23, filler(40))),
      ]),
    Self(
      "database.port", yes: [segment(3306), segment(5432), segment(6379), segment(27_017)],
      no: [segment(3305), datagram(5432, filler(8)), segment(6379, "PING\r\n")]),
    Self(
      "ssh.banner", yes: [segment(22, "SSH-2.0-OpenSSH_9.2p1\r\n"), segment(2222, "SSH-2.0-OpenSSH_9.2p1\r\n")],
      no: [segment(2222, "SHH-2.0\r\n"), segment(22)]),
    Self(
      "snmp.message", yes: [datagram(161, snmp(version: 0)), datagram(161, snmp(version: 1))],
      no: [datagram(161, snmp(version: 3)), datagram(163, snmp(version: 1))]),
    Self(
      "syslog.message", yes: [datagram(514, "<34>1 2026-01-01T00:00:00Z host su - - - 'su root' failed")],
      no: [datagram(514, filler(20)), datagram(515, "<34>1 2026-01-01T00:00:00Z host su - - - x"), segment(514)]),
    Self(
      "ssh.port", yes: [segment(22), segment(22, filler(64))],
      no: [segment(23), datagram(22, filler(8)), segment(22, [], flags: 0x10)]),
    Self(
      "telnet.content", yes: [segment(23, [0xFF, 0xFD, 0x01]), segment(23, "alice\r\n")],
      no: [segment(23), segment(24, "alice\r\n")]),
    Self(
      "ftp.content", yes: [segment(21, "USER alice\r\n")],
      no: [segment(21), segment(20, "USER alice\r\n"), segment(21, tlsClientHello("ftp.example.org"))]),
    Self(
      "administration.port",
      yes: [segment(21), segment(23), datagram(161, snmp(version: 3)), datagram(514, filler(20))],
      no: [segment(20), datagram(163, filler(8)), datagram(161, snmp(version: 1))]),
  ]
}
