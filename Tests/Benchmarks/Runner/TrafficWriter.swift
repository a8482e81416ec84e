import TestSupport

/// Writes a pcap file of generated frames: the same bytes for the same seed.
///
/// Addresses are those of a stack on a Docker bridge: containers in 172.18.0.0/16, the tunnel's Endpoint and what
/// leaks in the documentation blocks of RFC 5737.
struct TrafficWriter: ~Copyable {
  /// What the generator knows of its own traffic, for comparison with what the programs say.
  struct Counts {
    var frames = 0
    var bytes = 0
    /// Over IPv4 without a VLAN tag: what the C walk sees.
    var plainTunnel = 0
    var tunnel = 0
    var leaks = 0
  }

  enum Shape {
    /// An IPv4 packet of one protocol, or the same with addresses of IPv6.
    case udp, tcp, icmp
  }

  static let endpoint: UInt32 = 0xCB00_71B2  // 203.0.113.178
  static let endpointPort: UInt16 = 51820
  private static let container: UInt32 = 0xAC12_0002  // 172.18.0.2

  private(set) var counts = Counts()
  private let file: OutputFile
  private var buffer: [UInt8] = []
  private var random = SeededGenerator(seed: 0x6C65_616B)
  private let noise: [UInt8]
  /// The counters of the next transport messages (WireGuard whitepaper section 5.4.6): untagged and tagged frames are
  /// two sessions.
  private var counters: (untagged: UInt64, tagged: UInt64) = (0, 0)
  /// In microseconds since 2026-01-01.
  private var time: UInt64 = 0

  private static var bufferLimit: Int { 1 << 20 }

  init(_ file: consuming OutputFile) {
    self.file = file
    var random = SeededGenerator(seed: 1)
    noise = (0..<4096).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    buffer.reserveCapacity(Self.bufferLimit + 4096)
    for word: UInt32 in [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 262_144, 1] { appendNative(word) }
  }

  /// Small frames: 90 in 100 to the Endpoint, the rest to the bridge's own subnet or from the Endpoint, and one
  /// leak in 20 000.
  mutating func writeSmall(frames: Int) throws(Failure) {
    while counts.frames < frames {
      let length = 74 + Int(random.next() % 13) * 4
      switch random.next() % 20_000 {
      case 0: writeLeak(length)
      case 1..<18_000: writeTunnel(length)
      case 18_000..<19_000: write(.udp, to: Self.container + 3, port: 8080, length: length)
      default: writeAnswer(length)
      }
      try flushIfFull()
    }
    try flush()
  }

  /// Frames of 60 to 1500 bytes: the tunnel both ways, TCP, UDP and ICMP on the premises, IPv6, VLAN tags, ARP, and
  /// one leak in 20 000.
  mutating func writeMixed(bytes: Int) throws(Failure) {
    while counts.bytes < bytes {
      let length = 60 + Int(random.next() % 1441)
      switch random.next() % 20_000 {
      case 0: writeLeak(length)
      case 1..<8_000: writeTunnel(max(length, 74))
      case 8_000..<13_000: writeAnswer(max(length, 74))
      case 13_000..<15_400: write(.tcp, to: Self.container + 4, port: 9090, length: length)
      case 15_400..<16_400: write(.udp, to: 0xC0A8_0120, port: 5000, length: length)
      case 16_400..<17_000: write(.icmp, to: Self.container + 5, port: 0, length: length)
      case 17_000..<17_800: write6(.tcp, length: max(length, 74))
      case 17_800..<18_400: write6(.udp, length: max(length, 74))
      case 18_400..<18_600: write6(.icmp, length: max(length, 74))
      case 18_600..<19_200: writeTunnel(max(length, 78), isTagged: true)
      case 19_200..<19_800: write(.tcp, to: Self.container + 4, port: 9090, length: length, isTagged: true)
      default: writeARP()
      }
      try flushIfFull()
    }
    try flush()
  }

  /// Tunnel and local frames alone, for counting allocations.
  mutating func writeClean(frames: Int) throws(Failure) {
    while counts.frames < frames {
      switch counts.frames % 4 {
      case 0: write(.tcp, to: Self.container + 4, port: 9090, length: 90)
      case 1: write6(.udp, length: 90)
      default: writeTunnel(110)
      }
      try flushIfFull()
    }
    try flush()
  }

  private mutating func writeTunnel(_ length: Int, isTagged: Bool = false) {
    counts.tunnel += 1
    if !isTagged { counts.plainTunnel += 1 }
    write(.udp, to: Self.endpoint, port: Self.endpointPort, length: length, isTagged: isTagged, isWireGuard: true)
  }

  private mutating func writeAnswer(_ length: Int) {
    beginFrame(length, etherType: 0x0800, isAnswer: true)
    append(ipv4: length - 14, protocolNumber: 17, from: Self.endpoint, to: Self.container)
    appendUDP(from: Self.endpointPort, to: 40_001, length: length - 34)
    append(0x0400_0000 as UInt32)
    append(0x0A0B_0C0F as UInt32)
    appendNoise(length - 50)
  }

  /// In turn: DNS, TLS, NTP, and TCP to the Endpoint itself, all past the tunnel.
  private mutating func writeLeak(_ length: Int) {
    counts.leaks += 1
    switch counts.leaks % 4 {
    case 0: write(.udp, to: 0xC633_6435, port: 53, length: length)
    case 1: write(.tcp, to: 0xC633_6407, port: 443, length: length)
    case 2: write(.udp, to: 0xC633_6408, port: 123, length: length)
    default: write(.tcp, to: Self.endpoint, port: 443, length: length)
    }
  }

  private mutating func write(
    _ shape: Shape, to destination: UInt32, port: UInt16, length: Int, isTagged: Bool = false,
    isWireGuard: Bool = false
  ) {
    beginFrame(length, etherType: 0x0800, isTagged: isTagged)
    let packetLength = length - (isTagged ? 18 : 14)
    let protocolNumber: UInt8 =
      switch shape {
      case .udp: 17
      case .tcp: 6
      case .icmp: 1
      }
    append(ipv4: packetLength, protocolNumber: protocolNumber, from: Self.container, to: destination)
    append(shape, port: port, length: packetLength - 20, isWireGuard: isWireGuard, isTagged: isTagged)
  }

  /// Between unique local addresses, or from one to a link-local one.
  private mutating func write6(_ shape: Shape, length: Int) {
    beginFrame(length, etherType: 0x86DD)
    let next: UInt8 =
      switch shape {
      case .udp: 17
      case .tcp: 6
      case .icmp: 58
      }
    append(0x6000_0000 as UInt32)
    append(UInt16(length - 54))
    append(UInt16(next) << 8 | 64)
    for word: UInt32 in [0xFD00_0DB8, 0, 0, 2] { append(word) }
    for word: UInt32 in [counts.frames % 2 == 0 ? 0xFD00_0DB8 : 0xFE80_0000, 0, 0, 3] { append(word) }
    append(shape, port: 9090, length: length - 54, isWireGuard: false)
  }

  private mutating func writeARP() {
    beginFrame(60, etherType: 0x0806)
    appendNoise(46)
  }

  private mutating func append(_ shape: Shape, port: UInt16, length: Int, isWireGuard: Bool, isTagged: Bool = false) {
    switch shape {
    case .udp:
      appendUDP(from: 40_001, to: port, length: length)
      if isWireGuard { appendTransportHeader(isTagged: isTagged) }
      appendNoise(length - (isWireGuard ? 24 : 8))
    case .tcp:
      append(UInt32(40_002) << 16 | UInt32(port))
      appendNoise(8)
      append(0x5018_FFFF as UInt32)
      append(0 as UInt32)
      appendNoise(length - 20)
    case .icmp:
      append(0x0800_0000 as UInt32)
      append(0x0007_0001 as UInt32)
      appendNoise(length - 8)
    }
  }

  /// Type, receiver index and counter.
  private mutating func appendTransportHeader(isTagged: Bool) {
    let counter = isTagged ? counters.tagged : counters.untagged
    append(0x0400_0000 as UInt32)
    append(isTagged ? 0x0A0B_0C0E : 0x0A0B_0C0D as UInt32)
    append(UInt32(truncatingIfNeeded: counter).byteSwapped)
    append(UInt32(truncatingIfNeeded: counter >> 32).byteSwapped)
    if isTagged { counters.tagged += 1 } else { counters.untagged += 1 }
  }

  /// Record header and Ethernet header.
  private mutating func beginFrame(
    _ length: Int, etherType: UInt16, isTagged: Bool = false, isAnswer: Bool = false
  ) {
    counts.frames += 1
    counts.bytes += length
    time += 3 + random.next() % 5
    appendNative(UInt32(1_767_225_600 + time / 1_000_000))
    appendNative(UInt32(time % 1_000_000))
    appendNative(UInt32(length))
    appendNative(UInt32(length))
    // From the container to its next hop, or back.
    append(0x0242_AC12 as UInt32)
    append(isAnswer ? 0x0002_0242 : 0x0001_0242 as UInt32)
    append(isAnswer ? 0xAC12_0001 : 0xAC12_0002 as UInt32)
    if isTagged { append(0x8100_0007 as UInt32) }
    append(etherType)
  }

  private mutating func append(ipv4 length: Int, protocolNumber: UInt8, from source: UInt32, to destination: UInt32) {
    append(0x4500_0000 | UInt32(length))
    append(UInt32(counts.frames & 0xFFFF) << 16 | 0x4000)
    append(0x4000_0000 | UInt32(protocolNumber) << 16)
    append(source)
    append(destination)
  }

  private mutating func appendUDP(from source: UInt16, to destination: UInt16, length: Int) {
    append(UInt32(source) << 16 | UInt32(destination))
    append(UInt32(length) << 16)
  }

  private mutating func appendNoise(_ count: Int) {
    let start = Int(time % 2048)
    buffer.append(contentsOf: noise[start..<start + count])
  }

  /// In network byte order.
  private mutating func append(_ word: UInt32) {
    append(UInt16(truncatingIfNeeded: word >> 16))
    append(UInt16(truncatingIfNeeded: word))
  }

  private mutating func append(_ word: UInt16) {
    buffer.append(UInt8(truncatingIfNeeded: word >> 8))
    buffer.append(UInt8(truncatingIfNeeded: word))
  }

  private mutating func appendNative(_ word: UInt32) { append(word.byteSwapped) }

  private mutating func flushIfFull() throws(Failure) {
    if buffer.count >= Self.bufferLimit { try flush() }
  }

  private mutating func flush() throws(Failure) {
    try Interruption.check()
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
