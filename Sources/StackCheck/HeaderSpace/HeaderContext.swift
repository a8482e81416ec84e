/// The interfaces and marks that packets of one namespace can have. A set of packets refers to them by their positions.
struct HeaderContext: Sendable {
  let family: IPFamily
  /// By name. The first is empty: it is the incoming interface of packets that the namespace itself sends.
  let interfaces: [String]
  let marks: [UInt32]
  /// The bit after those of the marks. It stands for any mark, if a rule sets one that nobody can tell; a condition on
  /// it may hold or not.
  let unknownMark: UInt64

  /// `marks` are those that packets may have before any rule sees them, `changes` what rules make of them.
  init(
    _ family: IPFamily, interfaces: [String], marks: [UInt32], changes: [(value: UInt32, mask: UInt32)] = [],
    hasUnknownMark: Bool = false
  ) throws(HeaderSpaceError) {
    self.family = family
    var names = [""]
    for name in interfaces where !names.contains(name) { names.append(name) }
    var known: [UInt32] = []
    var waiting = marks
    while let mark = waiting.popLast() {
      guard !known.contains(mark) else { continue }
      known.append(mark)
      guard known.count < 64 else { throw .tooLarge }
      waiting += changes.map { Self.changed(mark, $0.value, $0.mask) }
    }
    guard names.count <= 64 else { throw .tooLarge }
    self.interfaces = names
    self.marks = known
    unknownMark = hasUnknownMark ? 1 << UInt64(known.count) : 0
  }

  /// What `--set-xmark value/mask` makes of a mark (iptables-extensions(8), MARK).
  static func changed(_ mark: UInt32, _ value: UInt32, _ mask: UInt32) -> UInt32 { mark & ~mask ^ value }

  /// The interfaces whose names satisfy `holds`.
  func interfaces(where holds: (String) -> Bool) -> UInt64 { Self.bits(interfaces, holds) }

  func marks(where holds: (UInt32) -> Bool) -> UInt64 { Self.bits(marks, holds) }

  /// Every mark that a rule may set if nobody can tell which.
  var anyMark: UInt64 { marks { _ in true } | unknownMark }

  private static func bits<Value>(_ values: [Value], _ holds: (Value) -> Bool) -> UInt64 {
    var bits: UInt64 = 0
    for (index, value) in values.enumerated() where holds(value) { bits |= 1 << UInt64(index) }
    return bits
  }

  /// All possible packets.
  var everything: HeaderBox {
    var box = HeaderBox(family)
    box.outInterfaces = interfaces { !$0.isEmpty }
    box.inInterfaces = interfaces { _ in true }
    box.marks = anyMark
    return box
  }
}
