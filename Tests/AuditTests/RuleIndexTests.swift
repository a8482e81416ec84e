import PacketFilter
import Policy
import PolicyFiles
import TestNeeds
import TestSupport
import Testing
import Wire

/// Trying only the rules that may match must find the same as trying every rule.
@Suite struct RuleIndexTests {
  /// Every filter, one by one, as the oracle.
  private static func slow(
    _ rules: [LabelRule], _ packet: [UInt8], _ label: LeakReason?, originalLength: Int? = nil
  ) -> Int? {
    rules.firstIndex {
      (label == nil || $0.label == label) && $0.names(servers: [], questions: [])
        && $0.matches(packet.view, originalLength: originalLength ?? packet.count)
    }
  }

  private static func form(_ packet: [UInt8], isTCP: Bool) -> RuleIndex.Form {
    let isIPv6 = packet[0] >> 4 == 6
    let offset = isIPv6 ? 40 : 20
    let headerLength = isTCP ? Int(packet[offset + 12] >> 4) * 4 : 8
    return RuleIndex.Form(
      isIPv6: isIPv6, isTCP: isTCP, headerLength: headerLength,
      sourcePort: UInt16(packet[offset]) << 8 | UInt16(packet[offset + 1]),
      destinationPort: UInt16(packet[offset + 2]) << 8 | UInt16(packet[offset + 3]),
      isMidStream: isTCP && packet[offset + 13] & 0x27 == 0 && packet.count > offset + headerLength)
  }

  private static func packet(_ random: inout SeededGenerator, isTCP: Bool) -> [UInt8] {
    let ports: [UInt16] = [53, 80, 123, 443, 500, 853, 1194, 1900, 3478, 5353, 6881, 6889, 6890, 22, 25, 51820, 40_000]
    func port() -> UInt16 {
      Bool.random(using: &random) ? ports.randomElement(using: &random)! : UInt16.random(in: 1 ... .max, using: &random)
    }
    let starts: [[UInt8]] = [
      [], [0x16, 3, 1], [0x17, 3, 3], Array("GET / HTTP/1.1\r\n".utf8), [0x13] + Array("BitTorrent protocol".utf8),
      [0xC3, 0, 0, 0, 1], [0x38], [0x21, 0], [1, 0, 0, 0], [4, 0, 0, 0], Array("d1:ad2:id20:".utf8),
      Array("SSH-2.0".utf8),
      [0x40], [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42], [0xE3, 0, 4, 0xFA], [0x30, 0x26], [0x3C],
    ]
    let length = Int.random(in: 0..<60, using: &random)
    let payload =
      starts.randomElement(using: &random)!
      + (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let isIPv6 = Bool.random(using: &random)
    let near = isIPv6 ? "[fd00:18::2]" : "172.18.0.2"
    let far = isIPv6 ? "[2001:db8:7::1]" : ["198.51.100.7", "239.1.2.3"].randomElement(using: &random)!
    var packet =
      isTCP
      ? tcpPacket("\(near):\(port())", "\(far):\(port())", payload, flags: UInt8.random(in: 0...0x3F, using: &random))
      : udpPacket("\(near):\(port())", "\(far):\(port())", payload)
    if isTCP, Int.random(in: 0..<3, using: &random) == 0 {
      // A header of 32 bytes: a timestamp where the payload began.
      packet[(isIPv6 ? 40 : 20) + 12] = 0x80
      packet.insert(contentsOf: [1, 1, 8, 10] + filler(8), at: isIPv6 ? 60 : 40)
    }
    if isTCP, Bool.random(using: &random) { packet[(isIPv6 ? 40 : 20) + 13] &= 0xD8 }
    let total = UInt16(packet.count)
    packet.replaceSubrange(isIPv6 ? 4..<6 : 2..<4, with: bigEndian(isIPv6 ? total - 40 : total))
    if !isIPv6, Bool.random(using: &random) { packet[6] = 0x40 }
    return packet
  }

  @Test func `finds the same rule as a search through all rules`() throws {
    var random = SeededGenerator()
    print("random packets of seed \(random.seed)")
    let shipped = try loadShippedRules().list
    let expressions = [
      "udp[8:2] & 0xfff0 = 0x0010", "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", "greater 100 and udp",
      "ip[6] & 0x40 != 0", "ip6[6] = 17 and ip6[48] > 0x3f", "udp[8] >= 0x40 and udp[8] < 0x80", "portrange 1000-2000",
      "udp[0:2] & 0xff = 53", "tcp[13] & 2 != 0", "not udp", "ip6 protochain 17", "udp[8] / 2 = 9",
      "src port 53 or less 60",
      "udp[8:1] - 0x10 = 0x28", "ip proto 17 and not port 53", "(udp[8] ^ 0xff) = 0", "udp[9] = 0", "ip[2:2] > 90",
    ]
    let odd = try expressions.enumerated().map { number, expression in
      LabelRule(
        id: "odd.\(number)", label: number % 3 == 0 ? .doq : .other, severity: .low, title: "", why: "", reference: "",
        filter: try PacketFilter(expression), origin: "test")
    }
    var found: Set<Int> = []
    for rules in [shipped, odd, odd.reversed(), odd.shuffled(using: &random) + shipped] {
      var index = RuleIndex(rules)
      for _ in 0..<rounds(1500, few: 300) {
        let isTCP = Bool.random(using: &random)
        var packet = Self.packet(&random, isTCP: isTCP)
        let form = Self.form(packet, isTCP: isTCP)
        let length = packet.count
        if Int.random(in: 0..<4, using: &random) == 0 {
          let headers = (form.isIPv6 ? 40 : 20) + form.headerLength
          packet.removeLast(Int.random(in: 0...(length - headers), using: &random))
        }
        let label: LeakReason? = Int.random(in: 0..<5, using: &random) == 0 ? .doq : nil
        let fast = index.first(
          packet.view, originalLength: length, form: form, label: label, servers: [], questions: [])
        let slow = Self.slow(rules, packet, label, originalLength: length)
        #expect(fast == slow, "seed \(random.seed), packet \(packet)")
        if let slow { found.insert(slow) }
      }
    }
    #expect(found.count > 30, "the traffic must reach the rules")
  }

  @Test func `a filter's facts about all packets hold for each packet`() throws {
    // All UDP packets to port 53: certain, whatever the payload begins with.
    var outline = PacketOutline(
      RuleIndex.Form(
        isIPv6: false, isTCP: false, headerLength: 8, sourcePort: 0, destinationPort: 0, isMidStream: false),
      40_000...50_000, 53...53)
    let query = try PacketFilter("udp port 53").outcome(over: outline)
    #expect(query == FilterOutcome(mayMatch: .all, isCertain: true, isSameForFlow: true))
    #expect(try PacketFilter("tcp port 53").outcome(over: outline) == FilterOutcome(isSameForFlow: true))
    #expect(try PacketFilter("udp port 54").outcome(over: outline) == FilterOutcome(isSameForFlow: true))
    let first = try PacketFilter("udp[8] & 0xc0 = 0x80").outcome(over: outline)
    #expect(first == FilterOutcome(mayMatch: Self.payloads([0: ByteSet { $0 >> 6 == 2 }])))
    let cookie = try PacketFilter("udp[12:4] & 0xffff00ff = 0x2112a42 or udp[12] = 7").outcome(over: outline)
    #expect(cookie == FilterOutcome(mayMatch: Self.payloads([4: ByteSet { $0 == 7 }])), "the other cannot match")
    let number = try PacketFilter("udp[12:4] & 0xff00ff0f = 0x21001204 or udp[12] = 7").outcome(over: outline)
    #expect(number == FilterOutcome(mayMatch: Self.payloads([4: ByteSet { $0 == 0x21 || $0 == 7 }])))
    // Addresses belong to the flow, even unknown ones; lengths, TTL and payload belong to each packet.
    for (expression, isSameForFlow) in [
      ("dst host 1.1.1.1 and udp", true), ("net 10.0.0.0/8 or dst port 53", true), ("udp port 45000", true),
      ("udp[8] = 0", false), ("greater 100", false), ("ip[8] = 64", false), ("ip[2:2] > 90", false),
      ("udp[0:2] - udp[2:2] = 0", true), ("dst host 1.1.1.1 or udp[9] = 1", false),
    ] {
      #expect(try PacketFilter(expression).outcome(over: outline).isSameForFlow == isSameForFlow, "\(expression)")
    }
    // Bytes that may be cut off prove nothing.
    outline.length = 20
    let cut = try PacketFilter("udp port 53").outcome(over: outline)
    #expect(!cut.isCertain && !cut.isSameForFlow)
  }

  private static func payloads(_ sets: [Int: ByteSet]) -> PayloadBytes {
    sets.reduce(into: .all) { $0[$1.key] = $1.value }
  }

  /// Each byte of a payload that a filter matches is one of those that the filter may match.
  @Test func `a filter matches no payload that it may not match`() throws {
    var random = SeededGenerator()
    print("random payloads of seed \(random.seed)")
    let shipped = try loadShippedRules().list.compactMap(\.filter)
    let odd = try [
      "udp[8:4] & 0xfff00fff = 0x00100001", "udp[9:2] > 0x1234 and udp[11] < 4", "udp[10:2] != 0x0100", "udp[23:2] = 3",
      "udp[22:4] = 0 or udp[8] = 9", "udp[12] & 7 != 0", "not udp[12:2] & 0xff00 = 0",
    ].map { try PacketFilter($0) }
    var matched = 0
    for _ in 0..<rounds(800, few: 100) {
      let isTCP = Bool.random(using: &random)
      var packet = Self.packet(&random, isTCP: isTCP)
      let form = Self.form(packet, isTCP: isTCP)
      let start = (form.isIPv6 ? 40 : 20) + form.headerLength
      for place in start..<max(start, packet.count) where Int.random(in: 0..<3, using: &random) == 0 {
        packet[place] = [0, 1, 3, 4, 0x12].randomElement(using: &random)!
      }
      let outline = PacketOutline(
        form, UInt32(form.sourcePort)...UInt32(form.sourcePort),
        UInt32(form.destinationPort)...UInt32(form.destinationPort))
      for filter in shipped + odd where filter.matches(packet.view, originalLength: packet.count) {
        matched += 1
        let payloads = filter.outcome(over: outline).mayMatch
        for place in 0..<PayloadBytes.count {
          let byte = start + place < packet.count ? packet[start + place] : nil
          #expect(
            byte.map { payloads[place].contains($0) } ?? (payloads[place] == .all),
            "seed \(random.seed): \(filter.expression), byte \(place) of \(packet)")
        }
      }
    }
    #expect(matched > rounds(800, few: 100), "\(matched)")
  }

  /// What an earlier packet of the flow showed and what the next one is tested for must together give every rule's
  /// answer.
  @Test func `a rule is reused exactly if a full search finds it again`() throws {
    var random = SeededGenerator()
    print("random flows of seed \(random.seed)")
    let shipped = try loadShippedRules().list
    let odd = try [
      "dst host 198.51.100.7", "tcp[12] & 0xf0 = 0x80", "udp[8] & 0xc0 = 0x40", "src port 53 or udp[9] > 100",
      "ip[6] & 0x40 != 0", "net 198.51.100.0/24 and not dst port 80", "greater 70",
    ].enumerated().map { number, expression in
      LabelRule(
        id: "odd.\(number)", label: .other, severity: .low, title: "", why: "", reference: "",
        filter: try PacketFilter(expression), origin: "test")
    }
    var counts = (repeated: 0, differing: 0)
    for rules in [shipped, odd, odd.reversed(), odd.shuffled(using: &random) + shipped] {
      var index = RuleIndex(rules)
      for _ in 0..<rounds(1000, few: 40) {
        let isTCP = Bool.random(using: &random)
        let first = Self.packet(&random, isTCP: isTCP)
        let form = Self.form(first, isTCP: isTCP)
        let rule = Self.slow(rules, first, nil) ?? -1
        for _ in 0..<4 {
          let next = Self.next(first, form, &random)
          let again = index.repeats(
            rule, next.view, originalLength: next.count, form: Self.form(next, isTCP: isTCP), label: nil)
          let same = (Self.slow(rules, next, nil) ?? -1) == rule
          #expect(again == same, "seed \(random.seed), \(first) then \(next)")
          if same { counts.repeated += 1 } else { counts.differing += 1 }
        }
      }
    }
    #expect(counts.repeated > rounds(1000, few: 40) && counts.differing > rounds(500, few: 20), "\(counts)")
  }

  /// Another packet of the flow, in the same form: all but addresses, ports and header lengths may differ.
  private static func next(_ packet: [UInt8], _ form: RuleIndex.Form, _ random: inout SeededGenerator) -> [UInt8] {
    let offset = form.isIPv6 ? 40 : 20
    var payload: [UInt8] = []
    while payload.isEmpty {
      let other = Self.packet(&random, isTCP: form.isTCP)
      let place = other[0] >> 4 == 6 ? 40 : 20
      payload = Array(other[(place + (form.isTCP ? Int(other[place + 12] >> 4) * 4 : 8))...])
    }
    let length = UInt16(form.headerLength + payload.count)
    var next = Array(packet[..<(offset + form.headerLength)]) + payload
    if form.isIPv6 {
      next.replaceSubrange(4..<6, with: bigEndian(length))
      next[1] = UInt8.random(in: 0...0x0F, using: &random)
      next[7] = UInt8.random(in: .min ... .max, using: &random)
    } else {
      next.replaceSubrange(2..<4, with: bigEndian(length + 20))
      next[1] = UInt8.random(in: .min ... .max, using: &random)
      next[6] = Bool.random(using: &random) ? 0x40 : 0
      next[8] = UInt8.random(in: .min ... .max, using: &random)
    }
    if form.isTCP {
      let flags = UInt8.random(in: 0...0x3F, using: &random)
      next[offset + 13] =
        form.isMidStream ? flags & 0xD8 : flags | (flags & 0x27 == 0 ? [1, 2, 4].randomElement(using: &random)! : 0)
    } else {
      next.replaceSubrange((offset + 4)..<(offset + 6), with: bigEndian(length))
    }
    return next
  }
}
