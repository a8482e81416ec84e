import Policy
import Synchronization

/// The latest events, numbered from 1, for listeners and for those that reconnect.
///
/// If the log is full, the oldest of the mildest events goes first: chaff never displaces a worse event (CONTRACT 3). A
/// listener that missed events learns how many, and how bad the worst was.
final class EventLog: Sendable {
  /// The number of events that are kept, of all severities together.
  static var limit: Int { 256 }

  private struct Event {
    let number: Int
    let text: String
  }

  private struct State {
    var events = BySeverity(repeating: [Event]())
    var count = 0
    var latest = 0
    /// The number of the latest event that was dropped, by severity; 0 if none was.
    var givenUp = BySeverity(repeating: 0)

    mutating func giveUpOne() {
      guard let mildest = Severity.worstFirst.last(where: { !events[$0].isEmpty }) else { return }
      givenUp[mildest] = events[mildest].removeFirst().number
      count -= 1
    }
  }

  private let state = Mutex(State())

  func append(_ text: String, _ severity: Severity) {
    state.withLock { state in
      state.latest += 1
      state.events[severity].append(Event(number: state.latest, text: text))
      state.count += 1
      if state.count > Self.limit { state.giveUpOne() }
    }
  }

  /// The number of the latest event; 0 before the first.
  var latest: Int { state.withLock { $0.latest } }

  /// The events after `number` in the form of an event stream (HTML, section 9.2.6), and the number of the last one. An
  /// event of the type `given-up` comes first if some are not kept any more, and says how many. It has an id only if no
  /// event follows: a client that reconnected with this id would miss those that follow.
  func after(_ number: Int) -> (text: String, latest: Int) {
    state.withLock { state in
      guard number < state.latest else { return ("", state.latest) }
      let events = Severity.worstFirst.flatMap { severity in state.events[severity].filter { $0.number > number } }
        .sorted { $0.number < $1.number }
      let missing = state.latest - number - events.count
      var text = ""
      if missing > 0, let worst = Severity.worstFirst.first(where: { state.givenUp[$0] > number }) {
        text = events.isEmpty ? "id: \(state.latest)\n" : ""
        text += "event: given-up\ndata: {\"events\":\(missing),\"worst\":\"\(worst.rawValue)\"}\n\n"
      }
      for event in events { text += "id: \(event.number)\ndata: \(event.text)\n\n" }
      return (text, state.latest)
    }
  }
}
