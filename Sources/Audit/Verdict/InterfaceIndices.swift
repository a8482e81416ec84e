import Wire

/// Maps the kernel's interface indices to the auditor's numbers, for a capture whose frames say which interface they
/// belong to (LINKTYPE_LINUX_SLL2, as `tcpdump -i any` writes it).
struct InterfaceIndices: Sendable {
  private var numbers: [UInt32: Int] = [:]
  /// The same for low indices, which the kernel assigns first: bridge and NIC alternate, and a hash costs as much as a
  /// fifth of a known frame. -1 where nothing is known.
  private var low: [Int] = []
  /// The number for all further indices, once there are too many to tell apart.
  var others: Int?
  /// For higher indices: frames come in runs from one interface.
  private var latest: (index: UInt32, number: Int)?

  /// The index of a frame's interface; zero, which the kernel never assigns, if it was not captured.
  static func index(of frame: borrowing CapturedFrame) -> UInt32 {
    LinkHeader.interfaceIndex(frame.bytes, frame.linkType) ?? 0
  }

  var count: Int { numbers.count }
  var first: Int? { numbers.values.min() }

  private static var lowLimit: Int { 4096 }

  mutating func number(of index: UInt32) -> Int? {
    if Int(index) < low.count, low[Int(index)] >= 0 { return low[Int(index)] }
    if let latest, latest.index == index { return latest.number }
    guard let number = numbers[index] ?? others else { return nil }
    latest = (index, number)
    return number
  }

  mutating func set(_ number: Int, for index: UInt32) {
    numbers[index] = number
    guard Int(index) < Self.lowLimit else { return }
    while low.count <= Int(index) { low.append(-1) }
    low[Int(index)] = number
  }
}
