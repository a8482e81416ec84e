import Wire

/// Maps the kernel's interface indices to the auditor's numbers, for a capture whose frames say which interface they
/// belong to (LINKTYPE_LINUX_SLL2, as `tcpdump -i any` writes it).
struct InterfaceIndices: Sendable {
  private var numbers: [UInt32: Int] = [:]
  /// The number for all further indices, once there are too many to tell apart.
  var others: Int?
  /// Frames come in runs from one interface.
  private var latest: (index: UInt32, number: Int)?

  /// The index of a frame's interface; zero, which the kernel never assigns, if it was not captured.
  static func index(of frame: borrowing CapturedFrame) -> UInt32 {
    LinkHeader.interfaceIndex(frame.bytes, frame.linkType) ?? 0
  }

  var count: Int { numbers.count }
  var first: Int? { numbers.values.min() }

  mutating func number(of index: UInt32) -> Int? {
    if let latest, latest.index == index { return latest.number }
    guard let number = numbers[index] ?? others else { return nil }
    latest = (index, number)
    return number
  }

  mutating func set(_ number: Int, for index: UInt32) { numbers[index] = number }
}
