import Wire

/// The interfaces of one capture whose frames say themselves which one they are of (LINKTYPE_LINUX_SLL2, as
/// `tcpdump -i any` writes it): by the kernel's index, the auditor's numbers.
struct InterfaceIndices: Sendable {
  private var numbers: [UInt32: Int] = [:]
  /// Of all others, where there are too many to be told apart.
  var others: Int?
  /// Runs of frames are of one interface.
  private var latest: (index: UInt32, number: Int)?

  /// The index of a frame; zero, which the kernel gives nobody, where it was not captured so far.
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
