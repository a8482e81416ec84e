public import Wire

extension Auditor {
  /// Audits frames of a source until something else has to be done: another source's frames come first, an interface
  /// has to be attached, or progress has to be shown.
  public mutating func audit<Source: FrameSource & ~Copyable, Observer: FrameObserver & ~Copyable>(
    _ source: inout Source, _ cursor: inout SourceCursor, until moment: Timestamp, limit: Int,
    observer: inout Observer
  ) throws(Source.Failure) -> Pause {
    // If only another source's frames come first, the counts may wait for the call that ends otherwise.
    var isWaiting = false
    defer {
      if !isWaiting {
        if countsInKernel { addTaken() }
        settle()
      }
    }
    ledger.traffic.wait(behind: moment)
    if countsInKernel { takeOver() }
    for _ in 0..<limit {
      if !cursor.isPending {
        guard try source.advance() else { return .end }
        cursor.isPending = true
      }
      if let pause = auditFrame(source.frame, source.number, &cursor, until: moment, observer: &observer) {
        if case .later = pause { isWaiting = true }
        return pause
      }
    }
    return .limit
  }

  /// Audits the source's current frame, or says why it has to wait.
  @inline(__always)
  private mutating func auditFrame<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, _ number: Int, _ cursor: inout SourceCursor, until moment: Timestamp,
    observer: inout Observer
  ) -> Pause? {
    if !ledger.traffic.window.holds(frame.timestamp) {
      guard frame.timestamp <= moment else { return .later(frame.timestamp) }
      settle(at: frame.timestamp)
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
