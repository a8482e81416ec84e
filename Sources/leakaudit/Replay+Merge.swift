import Audit
import Savefile
import Wire

/// Merges files by the time of their frames.
extension Replay {
  /// A file with frames left.
  struct Waiting {
    let source: OpenSavefile
    let lag: Elapsed
    /// When its next frame comes, corrected by its lag.
    var next = Timestamp.distantPast

    init(_ source: OpenSavefile, _ lag: Elapsed) {
      self.source = source
      self.lag = lag
    }

    /// The moment on this file's own clock.
    func own(_ moment: Timestamp) -> Timestamp { moment == .distantFuture ? moment : moment + (.zero - lag) }
  }

  /// Audits frames of the file whose next frame comes first; `index` says which it was.
  static func auditNext<Observer: FrameObserver & ~Copyable>(
    _ waiting: inout [Waiting], _ index: inout Int, _ auditor: inout Auditor, _ observer: inout Observer
  ) throws(SavefileError) -> Pause {
    if waiting.count == 2 {
      let (one, other) = (waiting[0].source, waiting[1].source)
      return try alternate(
        &one.reader, &one.cursor, &other.reader, &other.cursor, &waiting, &index, &auditor, &observer)
    }
    let (first, others) = first(of: waiting)
    index = first
    let source = waiting[first].source
    return try auditor.audit(
      &source.reader, &source.cursor, until: waiting[first].own(others), limit: batch, observer: &observer)
  }

  /// Audits frames of two files until something else than the other's frame comes next.
  ///
  /// Bridge and NIC show each packet one after the other, so the file changes with nearly every frame. Here both are
  /// borrowed once for many frames: to borrow a file anew for each frame, which the runtime then checks, was a fifth of
  /// the work.
  private static func alternate<Observer: FrameObserver & ~Copyable>(
    _ oneReader: inout SavefileReader, _ oneCursor: inout SourceCursor, _ otherReader: inout SavefileReader,
    _ otherCursor: inout SourceCursor, _ waiting: inout [Waiting], _ index: inout Int, _ auditor: inout Auditor,
    _ observer: inout Observer
  ) throws(SavefileError) -> Pause {
    let last = auditor.frames + batch
    while auditor.frames < last {
      index = waiting[1].next < waiting[0].next ? 1 : 0
      let moment = waiting[index].own(waiting[1 - index].next)
      let pause =
        if index == 0 {
          try auditor.audit(&oneReader, &oneCursor, until: moment, limit: batch, observer: &observer)
        } else {
          try auditor.audit(&otherReader, &otherCursor, until: moment, limit: batch, observer: &observer)
        }
      guard case .later(let next) = pause else { return pause }
      waiting[index].next = next + waiting[index].lag
    }
    return .limit
  }

  /// The file whose next frame comes first, and when the next frame of the others comes.
  private static func first(of waiting: [Waiting]) -> (index: Int, others: Timestamp) {
    var first = 0
    var others = Timestamp.distantFuture
    for index in waiting.indices.dropFirst() {
      if waiting[index].next < waiting[first].next {
        others = min(others, waiting[first].next)
        first = index
      } else {
        others = min(others, waiting[index].next)
      }
    }
    return (first, others)
  }
}
