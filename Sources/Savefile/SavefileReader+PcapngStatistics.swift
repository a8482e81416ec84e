import Wire

/// Reads what a pcapng file says about frames that it does not hold.
extension SavefileReader {
  //      0      4        8           12     16    20
  //     +------+--------+-----------+------+-----+---------+--------+
  //     | type | length | interface | high | low | options | length |
  //     +------+--------+-----------+------+-----+---------+--------+

  /// Reads counts since the capture began, so the last block of a section replaces those before it.
  mutating func readInterfaceStatistics() throws(SavefileError) {
    let number = window.uint32(at: 8, order)
    guard number < section.count else {
      throw malformed(.undescribedInterface(number, described: section.count))
    }
    let interface = Int(number)
    var (drops, received, accepted): (UInt64, UInt64?, UInt64?) = (0, nil, nil)
    var options = PcapngOptions(from: 20, to: recordLength - 4, order)
    while let option = try options.next(in: window) {
      switch option.code {
      case PcapngOption.interfaceDrops, PcapngOption.systemDrops: drops = drops.addingSaturating(try uint64(option))
      case PcapngOption.received: received = try known(option)
      case PcapngOption.accepted: accepted = try known(option)
      case PcapngOption.delivered:
        section[interface].delivered = try known(option)
        interfaces[section[interface].index].delivered = section[interface].delivered
      default: break
      }
    }
    if let received { interfaces[section[interface].index].received = received }
    if let received, let accepted, accepted < received { section[interface].rejected = received - accepted }
    count(interface) { $0.statisticsDrops = max($0.statisticsDrops, drops) }
  }

  /// Nil if all bits are ones, which writers use for "not known".
  private func known(_ option: PcapngOptionPlace) throws(SavefileError) -> UInt64? {
    let value = try uint64(option)
    return value == .max ? nil : value
  }

  mutating func addPacketDrops(_ drops: UInt64, interface: Int) {
    count(interface) { $0.packetDrops = $0.packetDrops.addingSaturating(drops) }
  }

  /// Changes a section's counts, and adds the difference to the file's counts.
  private mutating func count(_ number: Int, _ change: (inout SectionInterface) -> Void) {
    let before = section[number].drops
    change(&section[number])
    let index = section[number].index
    interfaces[index].drops = interfaces[index].drops.addingSaturating(section[number].drops - before)
  }

  /// Counts a frame. Frames of one interface mostly come in a row; it is cheaper to count the row outside the section.
  @inline(always)
  mutating func countFrame(of number: UInt32) {
    if number != row.interface { endRow(next: number) }
    row.frames &+= 1
  }

  @inline(never)
  mutating func endRow(next number: UInt32 = 0) {
    if Int(row.interface) < section.count { section[Int(row.interface)].frames &+= row.frames }
    row = (number, 0)
  }

  /// Ends a section. If statistics count more frames than the section holds, the rest was left out when the file was
  /// written, or cut later.
  ///
  /// isb_ifrecv alone says nothing: dumpcap also counts frames in it that come after the last frame that it writes.
  mutating func endSection() {
    endRow()
    for described in section {
      let index = described.index
      interfaces[index].rejected = interfaces[index].rejected.addingSaturating(described.rejected)
      guard let delivered = described.delivered, delivered > described.frames else { continue }
      interfaces[index].unrecorded = interfaces[index].unrecorded.addingSaturating(delivered - described.frames)
    }
    section.removeAll(keepingCapacity: true)
    namesInSection.removeAll()
  }
}
