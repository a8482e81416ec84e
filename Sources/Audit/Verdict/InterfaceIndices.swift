import Wire

/// Maps the kernel's interface indices to the auditor's numbers, for a capture whose frames say which interface they
/// belong to (LINKTYPE_LINUX_SLL2, as `tcpdump -i any` writes it).
struct InterfaceIndices: Sendable {
  private var numbers: [UInt32: Int] = [:]
  /// The number for all further indices, once there are too many to tell apart.
  var others: Int?
  /// The index that was looked up last among those with the same low bits. A few interfaces take turns, as bridge and NIC
  /// do with nearly every frame, and a hash costs a fifth of the work for a known frame.
  private var latest: [Entry] = []

  private struct Entry: BitwiseCopyable {
    var index: UInt32 = 0
    /// -1 where nothing was looked up.
    var number: Int32 = -1
  }

  /// The index of a frame's interface; zero, which the kernel never assigns, if it was not captured.
  static func index(of frame: borrowing CapturedFrame) -> UInt32 {
    LinkHeader.interfaceIndex(frame.bytes, frame.linkType) ?? 0
  }

  var count: Int { numbers.count }
  var first: Int? { numbers.values.min() }

  mutating func number(of index: UInt32) -> Int? {
    let position = Int(index) & (Self.remembered - 1)
    if position < latest.count, latest[position].index == index, latest[position].number >= 0 {
      return Int(latest[position].number)
    }
    guard let number = numbers[index] ?? others else { return nil }
    if latest.isEmpty { latest = Array(repeating: Entry(), count: Self.remembered) }
    latest[position] = Entry(index: index, number: Int32(clamping: number))
    return number
  }

  mutating func set(_ number: Int, for index: UInt32) {
    numbers[index] = number
    let position = Int(index) & (Self.remembered - 1)
    if position < latest.count { latest[position] = Entry() }
  }

  /// A power of two. A file may have many thousands of interfaces that each stand for several, so this is small.
  private static var remembered: Int { 32 }
}
