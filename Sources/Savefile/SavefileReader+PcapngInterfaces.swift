import Wire

/// pcapng's descriptions of interfaces and of their losses.
extension SavefileReader {
  //      0      4        8           10         12            16
  //     +------+--------+-----------+----------+-------------+---------+--------+
  //     | type | length | link type | reserved | snap length | options | length |
  //     +------+--------+-----------+----------+-------------+---------+--------+
  mutating func readInterfaceDescription() throws(SavefileError) {
    let linkType = LinkType(rawValue: window.uint16(at: 8, order))
    let snapLength = window.uint32(at: 12, order)
    let options = try readInterfaceOptions()
    let isSkipped = !linkType.isSupported
    let earlier = earlierInterface(name: options.name, linkType)
    guard !isSkipped || skipUnsupported else {
      let kind = SavefileError.Kind.unsupportedLinkType(
        linkType, interface: earlier ?? interfaces.count, name: options.name)
      throw SavefileError(kind, at: window.position)
    }
    if earlier == nil {
      interfaces.append(
        SavefileInterface(name: options.name, linkType: linkType, snapLength: snapLength, isSkipped: isSkipped))
    }
    section.append(
      SectionInterface(
        index: earlier ?? interfaces.count - 1, linkType: linkType, snapLength: snapLength,
        captureLimit: Self.captureLimit(snapLength: snapLength),
        resolution: TimestampResolution(option: options.resolution, offset: options.offset),
        checkSequenceLength: options.checkSequenceLength, isSkipped: isSkipped))
  }

  /// The interface of an earlier section that this one continues. One of the same section is another interface,
  /// whatever its name.
  private func earlierInterface(name: String?, _ linkType: LinkType) -> Int? {
    guard let name else { return nil }
    return interfaces.indices.first { index in
      interfaces[index].name == name && interfaces[index].linkType == linkType
        && !section.contains { $0.index == index }
    }
  }

  private struct InterfaceOptions {
    var name: String?
    /// if_tsresol; without it, microseconds.
    var resolution: UInt8 = 6
    var offset: Int64 = 0
    var checkSequenceLength = 0
  }

  private func readInterfaceOptions() throws(SavefileError) -> InterfaceOptions {
    var result = InterfaceOptions()
    var seen: [UInt16] = []
    var options = PcapngOptions(from: 16, to: recordLength - 4, order)
    while let option = try options.next(in: window) {
      switch option.code {
      case PcapngOption.interfaceName:
        let name = String(decoding: window.copy(at: option.start, atMost: option.length), as: UTF8.self)
        if !name.isEmpty { result.name = result.name ?? name }
        continue
      case PcapngOption.timestampResolution: result.resolution = try uint8(option)
      case PcapngOption.timestampOffset: result.offset = Int64(bitPattern: try uint64(option))
      case PcapngOption.checkSequenceLength:
        result.checkSequenceLength = try checkSequenceLength(uint8(option))
      default: continue
      }
      // Two values for what decides times and lengths: neither can be believed.
      guard !seen.contains(option.code) else { throw malformed(.repeatedOption(code: option.code)) }
      seen.append(option.code)
    }
    return result
  }

  /// The draft says bits, writers and Wireshark mean bytes; no length that occurs is valid in both.
  private func checkSequenceLength(_ value: UInt8) throws(SavefileError) -> Int {
    switch value {
    case 0, 2, 4: Int(value)
    case 16, 32: Int(value / 8)
    default: throw malformed(.checkSequenceLength(value))
    }
  }

  //      0      4        8           12     16    20
  //     +------+--------+-----------+------+-----+---------+--------+
  //     | type | length | interface | high | low | options | length |
  //     +------+--------+-----------+------+-----+---------+--------+

  /// Counts since the capture began, so that the last block of a section replaces those before.
  mutating func readInterfaceStatistics() throws(SavefileError) {
    let number = window.uint32(at: 8, order)
    guard number < section.count else {
      throw malformed(.undescribedInterface(number, described: section.count))
    }
    let interface = Int(number)
    var drops: UInt64 = 0
    var options = PcapngOptions(from: 20, to: recordLength - 4, order)
    while let option = try options.next(in: window) {
      switch option.code {
      case PcapngOption.interfaceDrops, PcapngOption.systemDrops: drops = drops.addingSaturating(try uint64(option))
      case PcapngOption.received: interfaces[section[interface].index].received = try uint64(option)
      case PcapngOption.delivered: interfaces[section[interface].index].delivered = try uint64(option)
      default: break
      }
    }
    count(interface) { $0.statisticsDrops = max($0.statisticsDrops, drops) }
  }

  mutating func addPacketDrops(_ drops: UInt64, interface: Int) {
    count(interface) { $0.packetDrops = $0.packetDrops.addingSaturating(drops) }
  }

  /// Changes a section's counts, and the file's by the difference.
  private mutating func count(_ number: Int, _ change: (inout SectionInterface) -> Void) {
    let before = section[number].drops
    change(&section[number])
    let index = section[number].index
    interfaces[index].drops = interfaces[index].drops.addingSaturating(section[number].drops - before)
  }
}
