package import Summaries
package import Wire

/// The first frame of each leak, found in an evidence file by time, interface, protocol and destination.
///
/// Bounded: only the first `most` leaks have a frame, and only a frame's first bytes are kept.
package struct LeakFrames {
  private static let most = 200
  /// The most frames kept for one moment on one interface.
  private static let mostAtOnce = 4

  /// In microseconds, as in summaries.
  private struct Place: Hashable {
    let microseconds: Int64
    let interface: String

    init(_ time: Timestamp, _ interface: String) {
      microseconds = time.nanoseconds.quotientAndRemainder(dividingBy: 1000).quotient
      self.interface = interface
    }
  }

  private var wanted: Set<Place> = []
  /// By the interface's name as it is shown.
  private var found: [Place: [EvidenceFrame]] = [:]

  /// Looks for the worst leaks of these summaries, as they are before redaction.
  package init(of summaries: [Summary]) {
    let leaks = summaries.flatMap { $0.countedLeaks.prefix(Self.most) }.sorted { $0.severity > $1.severity }
    for leak in leaks.prefix(Self.most) { wanted.insert(Place(leak.first, leak.interface)) }
  }

  /// Adds a frame of the file if a leak began at its time. Redacts it if a redactor is given.
  package mutating func add(_ frame: borrowing CapturedFrame, interface: String, _ redactor: Redactor?) {
    guard wanted.contains(Place(frame.timestamp, interface)) else { return }
    let name = redactor?.word(interface) ?? interface
    let place = Place(frame.timestamp, name)
    guard found[place, default: []].count < Self.mostAtOnce else { return }
    found[place, default: []].append(EvidenceFrame(frame, interface: name, redactor))
  }

  /// A leak's frame: one with the leak's protocol and destination. The leak is that of the summary as it is shown.
  func frame(of leak: Summary.LeakEntry) -> EvidenceFrame? {
    found[Place(leak.first, leak.interface)]?.first { $0.shows(leak) }
  }
}
