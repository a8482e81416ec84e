public import Wire

/// How far the auditor is in one source.
public struct SourceCursor: Sendable {
  /// The auditor's number of each interface of the source.
  public var interfaces: [Int] = []
  /// Whether the source stands at a frame that was not audited yet.
  public internal(set) var isPending = false

  public init() {}
}

/// Why the auditor paused.
public enum Pause: Sendable {
  /// The source has no more frames.
  case end
  /// As many frames as were asked for have been audited.
  case limit
  /// The next frame is later than the moment given.
  case later(Timestamp)
  /// The next frame came through an interface that is not in the cursor yet.
  case newInterface
}

extension Auditor {
  /// Audits frames of a source until something else has to be done: frames of another source that come
  /// first, an interface to be attached, progress to be shown.
  public mutating func audit<Source: FrameSource & ~Copyable, Observer: FrameObserver & ~Copyable>(
    _ source: inout Source, _ cursor: inout SourceCursor, until moment: Timestamp, limit: Int,
    observer: inout Observer
  ) throws(Source.Failure) -> Pause {
    defer { settle() }
    traffic.wait(behind: moment)
    for _ in 0..<limit {
      if !cursor.isPending {
        guard try source.advance() else { return .end }
        cursor.isPending = true
      }
      if let pause = take(source.frame, &cursor, until: moment, observer: &observer) { return pause }
    }
    return .limit
  }

  /// Audits the frame that the source stands at, or says why it has to wait.
  @inline(__always)
  private mutating func take<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, _ cursor: inout SourceCursor, until moment: Timestamp, observer: inout Observer
  ) -> Pause? {
    if !traffic.window.holds(frame.timestamp) {
      guard frame.timestamp <= moment else { return .later(frame.timestamp) }
      settle()
      traffic.move(to: frame.timestamp)
      traffic.wait(behind: moment)
    }
    guard frame.interface < cursor.interfaces.count else { return .newInterface }
    let interface = cursor.interfaces[frame.interface]
    if Observer.keepsContext { observer.keep(frame) }
    // An observer is to be told what every packet is. The frame's parts rather than the frame: in registers they
    // cost a third of what the copy in memory does.
    if Observer.isActive
      || !steadyFlows.count(
        frame.bytes, frame.linkType, originalLength: frame.originalLength, at: frame.timestamp, interface: interface,
        frame.recordDirection)
    {
      record(frame, interface: interface, observer: &observer)
    }
    cursor.isPending = false
    return nil
  }
}
