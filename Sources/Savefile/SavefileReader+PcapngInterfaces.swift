import Wire

/// Reads pcapng's interface descriptions.
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
    let index = earlier ?? interfaces.count
    if earlier == nil {
      guard interfaces.count < Self.greatestInterfaceCount else {
        throw malformed(.interfaceCount(limit: Self.greatestInterfaceCount))
      }
      interfaces.append(
        SavefileInterface(name: options.name, linkType: linkType, snapLength: snapLength, isSkipped: isSkipped))
      if let name = options.name { namesakes[InterfaceKey(name: name, linkType: linkType), default: []].append(index) }
    }
    interfaces[index].filter = interfaces[index].filter ?? options.filter
    guard section.count < Self.greatestInterfaceCount else {
      throw malformed(.interfaceCount(limit: Self.greatestInterfaceCount))
    }
    section.append(
      SectionInterface(
        index: index, linkType: linkType, snapLength: snapLength,
        captureLimit: Self.captureLimit(snapLength: snapLength),
        resolution: TimestampResolution(option: options.resolution, offset: options.offset),
        checkSequenceLength: options.checkSequenceLength, isSkipped: isSkipped))
  }

  /// What identifies an interface in later sections.
  struct InterfaceKey: Hashable {
    let name: String
    let linkType: LinkType
  }

  /// The interface of an earlier section that this one continues. Within one section, interfaces with the same name are
  /// different ones: the second of a name continues the second.
  private mutating func earlierInterface(name: String?, _ linkType: LinkType) -> Int? {
    guard let name else { return nil }
    let key = InterfaceKey(name: name, linkType: linkType)
    let before = namesInSection[key, default: 0]
    namesInSection[key] = before + 1
    guard let known = namesakes[key], before < known.count else { return nil }
    return known[before]
  }

  private struct InterfaceOptions {
    var name: String?
    /// The value of if_tsresol; the default is microseconds.
    var resolution: UInt8 = 6
    var offset: Int64 = 0
    var checkSequenceLength = 0
    var filter: CaptureFilter?
  }

  private func readInterfaceOptions() throws(SavefileError) -> InterfaceOptions {
    var result = InterfaceOptions()
    var seen: [UInt16] = []
    var options = PcapngOptions(from: 16, to: recordLength - 4, order)
    while let option = try options.next(in: window) {
      switch option.code {
      case PcapngOption.interfaceName:
        let name = String(
          decoding: window.copy(at: option.start, atMost: min(option.length, Self.greatestNameLength)), as: UTF8.self)
        if !name.isEmpty { result.name = result.name ?? name }
        continue
      case PcapngOption.filter:
        result.filter = result.filter ?? captureFilter(option)
        continue
      case PcapngOption.timestampResolution: result.resolution = try uint8(option)
      case PcapngOption.timestampOffset: result.offset = Int64(bitPattern: try uint64(option))
      case PcapngOption.checkSequenceLength:
        result.checkSequenceLength = try checkSequenceLength(uint8(option))
      default: continue
      }
      // These options decide times and lengths. If one occurs twice, neither value can be trusted.
      guard !seen.contains(option.code) else { throw malformed(.repeatedOption(code: option.code)) }
      seen.append(option.code)
    }
    return result
  }

  /// The draft says bits, but writers and Wireshark use bytes. No length that occurs is valid in both units.
  private func checkSequenceLength(_ value: UInt8) throws(SavefileError) -> Int {
    switch value {
    case 0, 2, 4: Int(value)
    case 16, 32: Int(value / 8)
    default: throw malformed(.checkSequenceLength(value))
    }
  }
}
