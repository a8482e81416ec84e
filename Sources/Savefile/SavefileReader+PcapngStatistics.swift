import Wire

/// What a pcapng file says of frames that it does not hold.
extension SavefileReader {
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

  /// All ones is how writers say that they do not know.
  private func known(_ option: PcapngOptionPlace) throws(SavefileError) -> UInt64? {
    let value = try uint64(option)
    return value == .max ? nil : value
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

  /// Frames of one interface mostly come in a row: they are added up beside the section, which costs less than in it.
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

  /// What statistics say was more than what the section holds was left out, by whoever wrote the file or cut it since.
  ///
  /// isb_ifrecv alone says nothing: dumpcap counts in it what comes after the last frame that it writes.
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
