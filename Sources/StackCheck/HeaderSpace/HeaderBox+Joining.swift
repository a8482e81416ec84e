extension HeaderBox {
  /// Joins boxes that differ in only one respect: the same packets in fewer boxes. Disjoint boxes stay disjoint.
  static func joined(_ boxes: [HeaderBox]) -> [HeaderBox] {
    var boxes = boxes
    func joinSets<Bits>(_ part: WritableKeyPath<HeaderBox, Bits>, _ union: (Bits, Bits) -> Bits) {
      join(&boxes, part) { values in [values.dropFirst().reduce(values[0], union)] }
    }
    func joinRanges<Bound: FixedWidthInteger>(_ part: WritableKeyPath<HeaderBox, ClosedRange<Bound>>) {
      join(&boxes, part) { values in
        var ranges: [ClosedRange<Bound>] = []
        for range in values.sorted(by: { $0.lowerBound < $1.lowerBound }) {
          if let last = ranges.last, last.upperBound < Bound.max, range.lowerBound <= last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
          } else {
            ranges.append(range)
          }
        }
        return ranges
      }
    }
    joinSets(\.outInterfaces, |)
    joinSets(\.inInterfaces, |)
    joinSets(\.marks, |)
    joinSets(\.states) { $0.union($1) }
    joinSets(\.kinds) { $0.union($1) }
    joinSets(\.protocols) { $0.union($1) }
    joinRanges(\.destinationPort)
    joinRanges(\.sourcePort)
    joinRanges(\.icmp)
    joinRanges(\.source)
    joinRanges(\.destination)
    return boxes
  }

  /// Joins boxes that are equal except for one part; `together` merges the values of that part.
  private static func join<Value>(
    _ boxes: inout [HeaderBox], _ part: WritableKeyPath<HeaderBox, Value>, _ together: ([Value]) -> [Value]
  ) {
    guard let common = boxes.first?[keyPath: part] else { return }
    var order: [HeaderBox] = []
    var values: [HeaderBox: [Value]] = [:]
    for box in boxes {
      var key = box
      key[keyPath: part] = common
      if values[key] == nil { order.append(key) }
      values[key, default: []].append(box[keyPath: part])
    }
    guard order.count < boxes.count else { return }
    boxes = order.flatMap { key in
      together(values[key]!).map { value in
        var box = key
        box[keyPath: part] = value
        return box
      }
    }
  }
}
