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
  fileprivate mutating func number(_ index: UInt32, behind interface: Int) -> Int? {
    interface < indices.count ? indices[interface].number(of: index) : nil
  }
}

/// Why the auditor paused.
public enum Pause: Sendable {
  /// The source has no more frames.
  case end
  /// The requested number of frames has been audited.
  case limit
  /// The next frame is later than the given moment. What was audited is in the tallies only after a call that ends
  /// otherwise.
  case later(Timestamp)
  /// The next frame came through an interface that is not in the cursor yet.
  case newInterface
  /// The next frame's own interface, by the kernel's index, is not in the cursor yet; it is behind one of the source's.
  case newIndex(UInt32, behind: Int)
}

extension Auditor {
  /// Audits frames of a source until something else has to be done: another source's frames come first, an interface
  /// has to be attached, or progress has to be shown.
  public mutating func audit<Source: FrameSource & ~Copyable, Observer: FrameObserver & ~Copyable>(
    _ source: inout Source, _ cursor: inout SourceCursor, until moment: Timestamp, limit: Int,
    observer: inout Observer
  ) throws(Source.Failure) -> Pause {
    // If only another source's frames come first, the counts may wait for the call that ends otherwise.
    var isWaiting = false
    defer { if !isWaiting { settle() } }
    ledger.traffic.wait(behind: moment)
    for _ in 0..<limit {
      if !cursor.isPending {
        guard try source.advance() else { return .end }
        cursor.isPending = true
      }
      if let pause = take(source.frame, source.number, &cursor, until: moment, observer: &observer) {
        if case .later = pause { isWaiting = true }
        return pause
      }
    }
    return .limit
  }

  /// Audits the source's current frame, or says why it has to wait.
  @inline(__always)
  private mutating func take<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, _ number: Int, _ cursor: inout SourceCursor, until moment: Timestamp,
    observer: inout Observer
  ) -> Pause? {
    if !ledger.traffic.window.holds(frame.timestamp) {
      guard frame.timestamp <= moment else { return .later(frame.timestamp) }
      settle()
      ledger.traffic.move(to: frame.timestamp)
      ledger.traffic.wait(behind: moment)
    }
    guard frame.interface < cursor.interfaces.count else { return .newInterface }
    var interface = cursor.interfaces[frame.interface]
    if interface == SourceCursor.several {
      let index = InterfaceIndices.index(of: frame)
      guard let number = cursor.number(index, behind: frame.interface) else {
        return .newIndex(index, behind: frame.interface)
      }
      interface = number
    }
    if Observer.keepsContext { observer.keep(frame) }
    // An active observer must be told what every packet is.
    if Observer.isActive || !countKnown(frame, interface: interface, &observer) {
      ledger.frameInFile = number
      if Observer.isActive { observer.reach(inFile: number) }
      record(frame, interface: interface, observer: &observer)
    }
    cursor.isPending = false
    return nil
  }
}
