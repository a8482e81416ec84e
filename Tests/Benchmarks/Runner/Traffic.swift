import TestSupport
import Wire

/// Writes captures of generated packets: the same bytes for the same seed.
///
/// Addresses are those of a stack on a Docker bridge: containers in 172.18.0.0/16, the tunnel's Endpoint and what
/// leaks in blocks for documentation and benchmarks (RFC 5737, 2544, 3849). Checksums are zero, as an offloading NIC
/// leaves them to a capture.
///
/// Containers up to 15 use the tunnel or leak; the others talk only on the premises. So a frame's class follows
/// from its packet: the auditor counts a MAC address as audited once it has sent to a public address.
struct Traffic: ~Copyable {
  static let endpoint = IPAddress(v4: 0xCB00_71B2)  // 203.0.113.178
  static let endpointPort: UInt16 = 51820

  private(set) var counts = TrafficCounts()
  var random: SeededGenerator
  let layout: Layout
  private let files: [CaptureFile]
  /// The packet that is being made, from its IP header on.
  private var packet: [UInt8] = []
  private var isIPv6 = false
  private let noise: [UInt8]
  /// The number under which the next frames are counted, if a mix has set `parts`.
  var part = 0
  /// Whether the next packets carry a VLAN tag.
  var isTagged = false
  /// The counters of the next transport messages (WireGuard whitepaper section 5.4.6). Untagged and tagged frames are
  /// two sessions.
  private var sentMessages: [2 of UInt64] = [0, 0]
  private var receivedMessages: [2 of UInt64] = [0, 0]
  private var identification: UInt16 = 0
  /// In microseconds since 2026-01-01.
  private var time: UInt64 = 0

  init(_ layout: Layout, name: String, seed: UInt64) throws(Failure) {
    self.layout = layout
    var files: [CaptureFile] = []
    for (suffix, linkType) in layout.files { files.append(try CaptureFile(name + suffix, linkType: linkType)) }
    self.files = files
    counts.plainTunnel = Array(repeating: 0, count: files.count)
    counts.perFile = counts.plainTunnel
    random = SeededGenerator(seed: seed)
    var random = SeededGenerator(seed: 1)
    noise = (0..<4096).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    packet.reserveCapacity(2048)
  }

  mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  /// How many kinds of frames are counted separately.
  mutating func setParts(_ count: Int) { counts.parts = Array(repeating: 0, count: count) }

  func finish() throws(Failure) {
    for file in files { try file.flush() }
  }
}

/// Making a packet.
extension Traffic {
  mutating func begin(
    _ ends: Ends, _ protocolNumber: IPProtocol, length: Int, fragment: Fragmentation? = nil, isDivisible: Bool = false
  ) {
    packet.removeAll(keepingCapacity: true)
    isIPv6 = !ends.source.isIPv4
    identification &+= 1
    if isIPv6 {
      append(0x6000_0000 as UInt32)
      append(UInt16(length + (fragment == nil ? 0 : 8)))
      append(UInt16((fragment == nil ? protocolNumber : .fragment).rawValue) << 8 | 64)
    } else {
      append(0x4500_0000 | UInt32(length + 20))
      append(UInt16(truncatingIfNeeded: fragment?.identification ?? UInt32(identification)))
      append(fragment.map { UInt16($0.offset / 8) | ($0.more ? 0x2000 : 0) } ?? (isDivisible ? 0 : 0x4000))
      append(0x4000_0000 | UInt32(protocolNumber.rawValue) << 16)
    }
    append(ends.source)
    append(ends.destination)
    if isIPv6, let fragment { packet += fragmentHeader(protocolNumber, fragment) }
  }

  /// A packet without an IP header.
  mutating func beginBare() {
    packet.removeAll(keepingCapacity: true)
    isIPv6 = false
  }

  mutating func appendUDP(_ ends: Ends, length: Int) {
    append(UInt32(ends.sourcePort) << 16 | UInt32(ends.destinationPort))
    append(UInt32(length + 8) << 16)
  }

  mutating func append(_ part: [UInt8]) { packet += part }

  mutating func append(_ word: UInt32) {
    append(UInt16(truncatingIfNeeded: word >> 16))
    append(UInt16(truncatingIfNeeded: word))
  }

  mutating func append(_ word: UInt16) {
    packet.append(UInt8(truncatingIfNeeded: word >> 8))
    packet.append(UInt8(truncatingIfNeeded: word))
  }

  private mutating func append(_ address: IPAddress) {
    if !address.isIPv4 {
      append(UInt32(truncatingIfNeeded: address.high >> 32))
      append(UInt32(truncatingIfNeeded: address.high))
      append(UInt32(truncatingIfNeeded: address.low >> 32))
    }
    append(UInt32(truncatingIfNeeded: address.low))
  }

  /// Looks like encrypted or compressed content.
  mutating func appendNoise(_ count: Int) {
    let start = Int(time % 2048)
    packet.append(contentsOf: noise[start..<start + count])
  }

  /// The header of a transport message, little-endian: type, receiver index and counter.
  mutating func appendTransportHeader(isSent: Bool) {
    let session = isTagged ? 1 : 0
    append(0x0400_0000 as UInt32)
    append(0x0A0B_0C0D + UInt32(session) + (isSent ? 0 : 0x10) as UInt32)
    let counter = isSent ? sentMessages[session] : receivedMessages[session]
    append(UInt32(truncatingIfNeeded: counter).byteSwapped)
    append(UInt32(truncatingIfNeeded: counter >> 32).byteSwapped)
    if isSent { sentMessages[session] += 1 } else { receivedMessages[session] += 1 }
  }
}

/// Sends it past the places where it is seen.
extension Traffic {
  private static var bridgeMAC: UInt64 { 0x0242_AC12_0001 }
  private static var hostMAC: UInt64 { 0x0200_C0A8_010A }
  private static var routerMAC: UInt64 { 0x0200_C0A8_0101 }
  private static func mac(_ station: UInt8) -> UInt64 { 0x0242_AC12_0000 | UInt64(station) }
  private static let hosts = (v4: octets(Ends.host(isIPv6: false)), v6: octets(Ends.host(isIPv6: true)))

  /// A packet of a container, or back to it. `peer` is the other container of a packet inside.
  mutating func send(_ way: Way, _ egress: Egress, station: UInt8, peer: UInt8 = 0, etherType: UInt16? = nil)
    throws(Failure)
  {
    time += 5 + random.next() % 6
    let type = etherType ?? (isIPv6 ? 0x86DD : 0x0800)
    let own = Self.mac(station)
    switch (layout, way) {
    case (.all, .leaving):
      cook(Layout.portIndex(station), packetType: 3, own, type, egress)
      cook(Layout.bridgeIndex, packetType: 0, own, type, egress)
      cook(Layout.nicIndex, packetType: 4, Self.hostMAC, type, egress)
      translate(files[0], header: 20, isSource: true)
    case (.all, .returning):
      cook(Layout.nicIndex, packetType: 0, Self.routerMAC, type, nil)
      translate(files[0], header: 20, isSource: false)
      cook(Layout.bridgeIndex, packetType: 4, Self.bridgeMAC, type, nil)
      // A veth has no role: there only addresses decide, and traffic between private addresses is egress.
      cook(Layout.portIndex(station), packetType: 4, Self.bridgeMAC, type, egress == .local ? .local : nil)
    case (.all, .inside):
      cook(Layout.portIndex(station), packetType: 3, own, type, egress)
      cook(Layout.portIndex(peer), packetType: 4, own, type, egress)
    case (_, .leaving):
      frame(0, from: own, to: Self.bridgeMAC, type, egress)
      guard layout == .bridgeAndNIC else { break }
      frame(1, from: Self.hostMAC, to: Self.routerMAC, type, egress)
      translate(files[1], header: isTagged ? 18 : 14, isSource: true)
    case (_, .returning):
      if layout == .bridgeAndNIC {
        frame(1, from: Self.routerMAC, to: Self.hostMAC, type, nil)
        translate(files[1], header: isTagged ? 18 : 14, isSource: false)
      }
      // Neither station ever sent to a public address.
      frame(0, from: Self.bridgeMAC, to: own, type, egress == .local ? .local : nil)
    case (_, .inside):
      frame(0, from: own, to: Self.mac(peer), type, egress)
    }
    for file in files { try file.flushIfFull() }
  }

  private mutating func frame(_ file: Int, from: UInt64, to: UInt64, _ etherType: UInt16, _ egress: Egress?) {
    time += 1
    files[file].begin(at: time, length: packet.count + (isTagged ? 18 : 14))
    files[file].append(mac: to)
    files[file].append(mac: from)
    if isTagged { files[file].append(0x8100_0007 as UInt32) }
    files[file].append(etherType)
    files[file].append(packet)
    count(egress, file)
  }

  private mutating func cook(
    _ interface: UInt32, packetType: UInt32, _ source: UInt64, _ etherType: UInt16, _ egress: Egress?
  ) {
    time += 1
    files[0].begin(at: time, length: packet.count + 20)
    files[0].append(UInt32(etherType) << 16)
    files[0].append(interface)
    files[0].append(1 << 16 | packetType << 8 | 6)
    files[0].append(mac: source)
    // After a six-byte address comes whatever the ring's memory held before.
    files[0].append(UInt16(truncatingIfNeeded: random.next()))
    files[0].append(packet)
    count(egress, 0)
  }

  /// Changes the last frame as NAT and routing do: the container's address, and the time to live.
  private func translate(_ file: CaptureFile, header: Int, isSource: Bool) {
    if isIPv6 {
      file.put(Self.hosts.v6, at: header + (isSource ? 8 : 24))
      file.decrement(at: header + 7)
    } else {
      file.put(Self.hosts.v4, at: header + (isSource ? 12 : 16))
      file.decrement(at: header + 8)
    }
  }

  private mutating func count(_ egress: Egress?, _ file: Int) {
    counts.frames += 1
    counts.perFile[file] += 1
    if part < counts.parts.count { counts.parts[part] += 1 }
    switch egress {
    case .tunnel:
      counts.tunnel += 1
      if !isTagged { counts.plainTunnel[file] += 1 }
    case .local: counts.local += 1
    case .leak: counts.leak += 1
    case nil: counts.ingress += 1
    }
  }
}
