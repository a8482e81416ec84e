/// A set of packets, as boxes that do not overlap.
struct HeaderRegion: Sendable {
  private(set) var boxes: [HeaderBox] = []

  /// The limit of boxes. Nobody could say what rules beyond it mean.
  static var mostBoxes: Int { 4_000 }

  init() {}

  init(_ box: HeaderBox) { boxes = [box] }

  /// Makes a region of boxes that may overlap.
  init(anyOf boxes: [HeaderBox]) throws(HeaderSpaceError) {
    for box in boxes { self = try union(Self(box)) }
  }

  var isEmpty: Bool { boxes.isEmpty }

  func contains(_ packet: HeaderPacket) -> Bool { boxes.contains { $0.contains(packet) } }

  func intersection(_ other: Self) throws(HeaderSpaceError) -> Self {
    var result = Self()
    for box in boxes {
      try HeaderWork.spend(1 + other.boxes.count)
      for cut in other.boxes {
        if let common = box.intersection(cut) { result.boxes.append(common) }
      }
      try result.checkSize()
    }
    return result
  }

  func intersection(_ other: HeaderBox) -> Self {
    var result = Self()
    result.boxes = boxes.compactMap { $0.intersection(other) }
    return result
  }

  func subtracting(_ other: Self) throws(HeaderSpaceError) -> Self {
    var result = self
    for cut in other.boxes where !result.isEmpty {
      try HeaderWork.spend(1 + result.boxes.count)
      result.boxes = result.boxes.flatMap { $0.subtracting(cut) }
      try result.checkSize()
    }
    try result.compact()
    return result
  }

  func union(_ other: Self) throws(HeaderSpaceError) -> Self {
    if isEmpty { return other }
    var result = self
    result.boxes += try other.subtracting(self).boxes
    try result.compact()
    try result.checkSize()
    return result
  }

  /// The packets after a change that is the same for all packets of a box; `change` may make different packets equal.
  func changed(_ change: (inout HeaderBox) -> Void) throws(HeaderSpaceError) -> Self {
    var images = boxes
    for index in images.indices { change(&images[index]) }
    return try Self(anyOf: images)
  }

  /// If there are many boxes, joins those that differ in only one respect: cuts leave more than are needed.
  private mutating func compact() throws(HeaderSpaceError) {
    guard boxes.count > 24 else { return }
    // It looks at each box once for each respect and hashes it, which costs more than a comparison.
    try HeaderWork.spend(8 * boxes.count)
    boxes = HeaderBox.joined(boxes)
  }

  private func checkSize() throws(HeaderSpaceError) {
    guard boxes.count <= Self.mostBoxes else { throw .tooLarge }
  }
}

/// Why a set of packets was not computed.
enum HeaderSpaceError: Error {
  /// It needs more pieces or steps than are allowed.
  case tooLarge
}
