package import Summaries
package import Wire

/// The first frames of leaks, found in an evidence file by their time, their interface and what they hold.
///
/// Bounded: the first `most` leaks have one, and of a frame the first bytes are kept.
package struct LeakFrames {
  private static let most = 200
  /// Frames of the same moment on the same interface that are kept apart.
  private static let mostAtOnce = 4

  /// In microseconds, as summaries tell times.
  private struct Place: Hashable {
    let microseconds: Int64
    let interface: String

    init(_ time: Timestamp, _ interface: String) {
      microseconds = time.nanoseconds.quotientAndRemainder(dividingBy: 1000).quotient
      self.interface = interface
    }
  }

  private var wanted: Set<Place> = []
  /// Under the interface's name as it is shown.
  private var found: [Place: [EvidenceFrame]] = [:]

  /// Looks for the worst leaks of these summaries, as they are before redaction.
  package init(of summaries: [Summary]) {
    let leaks = summaries.flatMap { $0.countedLeaks.prefix(Self.most) }.sorted { $0.severity > $1.severity }
    for leak in leaks.prefix(Self.most) { wanted.insert(Place(leak.first, leak.interface)) }
  }

  /// Adds a frame of the file, redacted where a redactor is given, if it is of a time that is looked for.
  package mutating func add(_ frame: borrowing CapturedFrame, interface: String, _ redactor: Redactor?) {
    guard wanted.contains(Place(frame.timestamp, interface)) else { return }
    let name = redactor?.word(interface) ?? interface
    let place = Place(frame.timestamp, name)
    guard found[place, default: []].count < Self.mostAtOnce else { return }
    found[place, default: []].append(EvidenceFrame(frame, interface: name, redactor))
  }

  /// Of a leak of the summary as it is shown: one whose packet is of the leak's protocol and destination.
  func frame(of leak: Summary.LeakEntry) -> EvidenceFrame? {
    found[Place(leak.first, leak.interface)]?.first { $0.shows(leak) }
  }
}
