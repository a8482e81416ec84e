public import Wire

/// The auditor's position in one source.
public struct SourceCursor: Sendable {
  /// The auditor's number of each interface of the source; `several` if its frames name further interfaces.
  public var interfaces: [Int] = []
  /// By interface of the source, for those that stand for several.
  private var indices: [InterfaceIndices] = []
  /// Whether the source is at a frame that was not audited yet.
  public internal(set) var isPending = false

  public init() {}

  /// An interface that stands for several: each frame names its own by the kernel's index.
  public static var several: Int { -2 }

  /// The kernel's index of a frame's own interface, if the source's interface stands for several.
  public static func index(of frame: borrowing CapturedFrame) -> UInt32 { InterfaceIndices.index(of: frame) }

  /// How many interfaces are known so far behind an interface of the source.
  public func count(behind interface: Int) -> Int { interface < indices.count ? indices[interface].count : 0 }

  /// The first of the interfaces behind an interface of the source.
  public func firstNumber(behind interface: Int) -> Int? { interface < indices.count ? indices[interface].first : nil }

  /// Maps an index behind one of the source's interfaces to one of the auditor's.
  public mutating func set(_ number: Int, for index: UInt32, behind interface: Int) {
    while indices.count <= interface { indices.append(InterfaceIndices()) }
    indices[interface].set(number, for: index)
  }

  /// Maps all indices behind an interface that are not known yet to one of the auditor's interfaces.
  public mutating func setOthers(_ number: Int, behind interface: Int) {
    while indices.count <= interface { indices.append(InterfaceIndices()) }
    indices[interface].others = number
  }

  @inline(never)
  mutating func number(_ index: UInt32, behind interface: Int) -> Int? {
    interface < indices.count ? indices[interface].number(of: index) : nil
  }
}
