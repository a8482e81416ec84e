import Policy
import Wire

/// The protocols that are recognised, in the order in which they are tried.
extension PayloadSignature {
  static let all: [Self] = dns + management + databases + tunnels + peers + web

  /// Fixed bytes starting at an offset.
  private static func fixed(_ offset: Int, _ bytes: [UInt8]) -> [Byte] {
    bytes.enumerated().map { Byte(offset: offset + $0.offset, values: $0.element...$0.element, shown: $0.element) }
  }

  private static func text(_ text: String, at offset: Int = 0) -> [Byte] { fixed(offset, Array(text.utf8)) }

  /// The bits of a byte in `mask`, which must have this value.
  private static func bits(_ offset: Int, _ mask: UInt8, _ value: UInt8) -> [Byte] {
    [Byte(offset: offset, values: value...value, mask: mask, shown: value)]
  }

  /// A byte with one of several values; another value is shown.
  private static func any(_ offset: Int, _ values: ClosedRange<UInt8>, shown: UInt8) -> [Byte] {
    [Byte(offset: offset, values: values, shown: shown)]
  }

  private static func udp(
    _ bytes: [Byte]..., ports: [UInt16]? = nil, length: ClosedRange<Int> = 0...Int.max, lengths: [Length] = []
  ) -> Self {
    Self(transport: .udp, ports: ports, length: length, lengths: lengths, bytes: bytes.flatMap(\.self))
  }

  private static func tcp(
    _ bytes: [Byte]..., ports: [UInt16]? = nil, length: ClosedRange<Int> = 0...Int.max, lengths: [Length] = []
  ) -> Self {
    Self(transport: .tcp, ports: ports, length: length, lengths: lengths, bytes: bytes.flatMap(\.self))
  }

  /// A recursive query with one question and at most EDNS added (RFC 1035 section 4.1.1), and an answer from DNS's own
  /// port.
  private static let dns = [
    udp(bits(2, 0xFF, 1), bits(3, 0xCF, 0), fixed(4, [0, 1, 0, 0, 0, 0, 0]), any(11, 0...1, shown: 0)),
    udp(bits(2, 0x80, 0x80), fixed(4, [0, 1]), ports: [53]),
  ]

  /// SSH (RFC 4253 section 4.2), SNMP versions 1 and 2c with the three length forms of BER (RFC 3416, X.690), syslog's
  /// priority (RFC 5424 section 6.2.1).
  private static let management =
    [tcp(text("SSH-"))]
    + [[], [0x81], [0x82]].map { (form: [UInt8]) in
      // The length takes as many bytes as its form says.
      let version = form.isEmpty ? 2 : form[0] == 0x81 ? 3 : 4
      return udp(
        fixed(0, [0x30] + form), fixed(version, [2, 1]), any(version + 2, 0...1, shown: 0), ports: [161, 162])
    } + [udp(text("<"), ports: [514])]

  /// PostgreSQL's startup message (version 3), RESP, MongoDB's operations 2013, 2004 and 2012.
  private static let databases =
    [tcp(fixed(4, [0, 3]), lengths: [Length(offset: 0, width: 4)])]
    + [2, 3].map { tcp(text("*"), any(1, 0x31...0x39, shown: 0x31), text("\r\n$", at: $0)) }
    + [[0xDD, 7], [0xD4, 7], [0xDC, 7]].map { tcp(fixed(3, [0]), fixed(12, $0 + [0, 0])) }

  /// OpenVPN's first messages, over UDP and, with a length in front, over TCP: plain, the server's, with tls-auth by
  /// four digests, with tls-crypt, and with the wrapped key of its version 2. Then PPTP's control messages and
  /// Tailscale's disco.
  private static let tunnels =
    [false, true].flatMap { (isTCP: Bool) -> [Self] in
      func openVPN(_ length: ClosedRange<Int>, _ type: UInt8, _ bytes: [Byte]..., lengths: [Length] = []) -> Self {
        let shift = isTCP ? 2 : 0
        var bytes = fixed(0, [type]) + bytes.flatMap(\.self)
        for index in bytes.indices { bytes[index].offset += shift }
        return Self(
          transport: isTCP ? .tcp : .udp, length: length.lowerBound + shift...length.upperBound + shift,
          lengths: (isTCP ? [Length(offset: 0, width: 2, less: 2)] : [])
            + lengths.map { Length(offset: $0.offset, width: $0.width, less: $0.less + shift) }, bytes: bytes)
      }
      func number(_ offset: Int) -> [Byte] { bits(offset, 0xF0, 0) + fixed(offset + 1, [0, 0]) }
      return [
        openVPN(14...14, 0x38, fixed(9, [0, 0, 0, 0, 0])),
        openVPN(26...26, 0x40, fixed(9, [1, 0, 0, 0, 0]), fixed(22, [0, 0, 0, 0])),
      ]
        + [20, 32, 48, 64].map { digest in
          openVPN(22 + digest...22 + digest, 0x38, number(9 + digest), fixed(17 + digest, [0, 0, 0, 0, 0]))
        } + [
          openVPN(54...54, 0x38, number(9), any(12, 1...0xFF, shown: 1)),
          openVPN(
            344...1078, 0x50, number(9), any(12, 1...0xFF, shown: 1),
            lengths: [Length(offset: -2, width: 2, less: 54)]),
        ]
    } + [
      tcp(fixed(2, [0, 1, 0x1A, 0x2B, 0x3C, 0x4D])), udp(text("TS\u{1F4AC}"), length: 80...Int.max),
    ]

  /// BitTorrent's handshake (BEP 3) over TCP and uTP, its hash table (BEP 5), trackers over UDP (BEP 15) and HTTP, the
  /// start of uTP (BEP 29), local discovery (BEP 14), and STUN (RFC 8489 section 5).
  private static let peers = [
    tcp(fixed(0, [0x13]), text("BitTorr", at: 1)), udp(fixed(0, [1]), fixed(20, [0x13]), text("BitTorr", at: 21)),
    udp(text("d1:ad2:i")), udp(text("d1:rd2:i")), udp(fixed(0, [0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0])),
    tcp(text("GET /announc")),
    udp(fixed(0, [0x41]), any(1, 0...2, shown: 0), fixed(8, [0, 0, 0, 0]), fixed(18, [0, 0]), length: 20...Int.max),
    udp(text("BT-SEARC")), udp(bits(0, 0xC0, 0), fixed(4, [0x21, 0x12, 0xA4, 0x42])),
    tcp(fixed(4, [0x21, 0x12, 0xA4, 0x42])),
  ]

  /// HTTP by the method's first four letters; a ClientHello and other records of TLS (RFC 8446 section 5.1); QUIC's
  /// Initial of versions 1 and 2 (RFC 9000 section 17.2, RFC 9369 section 3.2), of drafts and of Google's versions, and
  /// other QUIC packets by their first two bits; a ClientHello and other records of DTLS (RFC 6347 section 4.1).
  private static let web =
    ["GET ", "POST", "HEAD", "PUT ", "DELE", "OPTI", "CONN", "PATC", "PRI ", "HTTP"].map { tcp(text($0)) }
    + [tcp(fixed(0, [0x16, 3]), any(2, 0...0xFF, shown: 1), fixed(5, [1]))]
    + (20...23).flatMap { (type: UInt8) in
      // At most 2^14 + 2048 bytes.
      [any(3, 0...71, shown: 0), fixed(3, [72, 0])].map { tcp(fixed(0, [type, 3]), any(2, 0...4, shown: 3), $0) }
    }
    + [
      udp(bits(0, 0xB0, 0x80), fixed(1, [0, 0, 0, 1]), length: 1200...Int.max),
      udp(bits(0, 0xB0, 0x90), fixed(1, [0x6B, 0x33, 0x43, 0xCF]), length: 1200...Int.max),
      udp(
        bits(0, 0xB0, 0x80), fixed(1, [0xFF, 0, 0]), any(4, 17...34, shown: 29), any(5, 0...20, shown: 0),
        length: 1200...Int.max),
      udp(bits(0, 0xF0, 0xC0), text("Q046", at: 1), length: 1200...Int.max),
      udp(bits(0, 0xF0, 0xC0), text("Q050", at: 1), length: 1200...Int.max),
      udp(bits(0, 0xC9, 9), text("Q043", at: 9), length: 1200...Int.max),
    ] + datagramTLS + [0x40, 0x80, 0xC0].map { udp(bits(0, 0xC0, $0), ports: [443]) }

  private static let datagramTLS =
    [[0xFE, 0xFF], [0xFE, 0xFD], [1, 0]].flatMap { (version: [UInt8]) -> [Self] in
      let length = Length(offset: 11, width: 2, less: 13, isLimit: true)
      let hellos = [[0xFE, 0xFF], [0xFE, 0xFD], [1, 0]].map { (inner: [UInt8]) in
        udp(
          fixed(0, [22] + version + [0, 0]), fixed(13, [1]), fixed(19, [0, 0]), fixed(25, inner),
          length: 47...Int.max, lengths: [length])
      }
      // At most 2^14 + 2048 bytes.
      return hellos
        + (20...23).flatMap { (type: UInt8) in
          [any(11, 0...71, shown: 0), fixed(11, [72, 0])].map {
            udp(fixed(0, [type] + version), $0, length: 14...Int.max, lengths: [length])
          }
        }
    }
}
