import TestSupport
import Wire

/// HTTP, TLS, DTLS, QUIC, and rules by the server's name that come before them.
extension RuleCapture {
  static func request(_ host: String, _ path: String = "/") -> [UInt8] {
    Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n".utf8)
  }

  /// A long header (RFC 9000 section 17.2) without anything behind its version.
  static func quic(_ first: UInt8, _ version: UInt32, length: Int = 1200) -> [UInt8] {
    Array(([first] + bigEndian(version) + [8] + filler(8, 0xC1) + [0, 0] + filler(1200, 0)).prefix(length))
  }

  private static let named = clientHello(extensions: [serverNameExtension(Array("vpn.example.org".utf8))])
  /// Without extensions, as one that resumes the session of a TLS connection.
  private static let anyConnect: [UInt8] =
    [1] + prefixed(3, [3, 3] + filler(32, 0x11) + prefixed(1, filler(32, 0x22)) + [0, 2, 0, 0x2F, 1, 0])

  /// A record of DTLS (RFC 6347 section 4.1).
  private static func dtlsRecord(
    _ type: UInt8, _ fragment: [UInt8], version: UInt16 = 0xFEFD, epoch: UInt16 = 0
  ) -> [UInt8] {
    [type] + bigEndian(version) + bigEndian(epoch) + [0, 0, 0, 0, 0, 1] + prefixed(2, fragment)
  }

  static let web: [Self] = [
    Self(
      "connectivity.http",
      yes: [
        segment(80, request("connectivitycheck.gstatic.com", "/generate_204")),
        segment(80, request("detectportal.firefox.com", "/success.txt?ipv4")),
        segment(80, request("Captive.Apple.com:80", "/hotspot-detect.html")),
      ],
      no: [
        segment(80, request("www.example.org", "/generate_204")),
        segment(80, request("captive.apple.com.example.org")),
      ]),
    Self(
      "connectivity.tls", yes: [segment(443, tlsClientHello("connectivity-check.ubuntu.com"))],
      no: [segment(443, tlsClientHello("www.example.org")), segment(443, tlsClientHello("ubuntu.com"))]),
    Self(
      "http.message",
      yes: [
        segment(80, request("www.example.org")), segment(8080, "POST /login HTTP/1.1\r\nHost: example.org\r\n\r\n"),
        segment(40_000, Array("HTTP/1.1 200 OK\r\n\r\n".utf8), from: 8080),
      ],
      no: [segment(80), segment(8080, "GETTING nothing"), segment(80, tlsClientHello("example.org"))]),
    Self(
      "http.content", yes: [segment(80, "user=a&password=b")],
      no: [segment(80), segment(81, "user=a&password=b"), segment(80, request("www.example.org"))]),
    Self("http.port", yes: [segment(80)], no: [datagram(80, filler(4)), segment(81), segment(80, "content")]),
    Self(
      "tls.client-hello",
      yes: [segment(443, tlsClientHello("www.example.org")), segment(8443, tlsClientHello("www.example.org"))],
      no: [segment(8443, tlsRecord(22, [2, 0, 0, 1, 0])), segment(443), segment(443, tlsRecord(23, filler(40)))]),
    Self(
      "tls.record", yes: [segment(8443, tlsRecord(23, filler(40))), segment(443, tlsRecord(21, [1, 0]))],
      no: [
        segment(8443, tlsRecord(24, filler(40))), segment(8443, [0x17, 0x03, 0x03, 0x48, 0x01] + filler(40)),
        segment(8443, tlsClientHello("www.example.org")),
      ]),
    Self(
      "tls.port", yes: [segment(443), segment(443, filler(40))],
      no: [segment(444), datagram(443, [0x16, 0xFE, 0xFD]), segment(443, [], flags: 0x10)]),
    Self(
      "quic.initial", yes: [datagram(443, quic(0xC3, 1)), datagram(8443, quic(0xD3, 0x6B33_43CF))],
      no: [datagram(443, quic(0xE3, 1)), datagram(443, quic(0xC3, 1, length: 1199))]),
    Self(
      "quic.draft",
      yes: [
        datagram(443, QUICSample.draft29), datagram(8443, QUICSample.draft27), datagram(443, quic(0xC3, 0xFF00_0022)),
      ],
      no: [
        datagram(443, quic(0xC3, 0xFF00_0010)), datagram(443, quic(0xE3, 0xFF00_001D)),
        datagram(443, quic(0xC3, 0xFF00_001D, length: 1199)), datagram(443, quic(0xC3, 1)),
      ]),
    Self(
      "quic.google",
      yes: [
        datagram(443, quic(0xC3, 0x5130_3436)), datagram(8443, quic(0xC3, 0x5130_3530)),
        datagram(443, [0x0D] + filler(8, 0xC1) + Array("Q043".utf8) + filler(1337, 0)),
      ],
      no: [
        datagram(443, quic(0xC3, 0x5130_3437)), datagram(8443, quic(0xC3, 0x5130_3530, length: 1199)),
        datagram(443, [0x0C] + filler(8, 0xC1) + Array("Q043".utf8) + filler(1337, 0)),
      ]),
    Self(
      "dtls.client-hello",
      yes: [
        datagram(443, dtlsClientHello(anyConnect, version: 0x0100)), datagram(4433, dtlsClientHello(named)),
        datagram(443, dtlsClientHello(named, version: 0xFEFF, cookie: filler(20, 0xC0))),
        // Spread over two datagrams: the name cannot be read from here.
        datagram(4433, dtlsClientHello(named, fragment: 0..<60)),
      ],
      no: [
        datagram(4433, dtlsRecord(22, [2] + filler(60))), datagram(443, dtlsRecord(23, filler(40))),
        datagram(4433, [0x16, 0xFE, 0xFC] + dtlsClientHello(named).dropFirst(3)),
        segment(4433, dtlsClientHello(named)),
      ]),
    Self(
      "dtls.record",
      yes: [
        datagram(443, dtlsRecord(23, filler(40))), datagram(4433, dtlsRecord(20, [1], version: 0xFEFF)),
        datagram(4433, dtlsRecord(22, filler(60), epoch: 1)),
        datagram(443, dtlsRecord(23, filler(40), version: 0x0100)),
      ],
      no: [
        datagram(4433, dtlsRecord(24, filler(40))), datagram(4433, dtlsRecord(23, filler(40)).dropLast()),
        datagram(4433, dtlsRecord(23, [])), datagram(4433, dtlsClientHello(named)),
      ]),
    Self(
      "quic.packet", yes: [datagram(443, quic(0xE3, 1)), datagram(443, [0x43] + filler(40))],
      no: [datagram(443, [0x16, 0xFE, 0xFD] + filler(20)), datagram(444, [0x43] + filler(40))]),
  ]
}
