import Policy
import Synchronization

/// The latest events, numbered from 1 on, for those who listen and those who come back.
///
/// Of those that do not fit the mildest go first, the oldest of them: chaff never displaces a worse one (CONTRACT 3). Whoever
/// missed some is told how many, and how bad the worst of them was.
final class EventLog: Sendable {
  /// Events that are kept, of all severities together.
  static var limit: Int { 256 }

  private struct Event {
    let number: Int
    let text: String
  }

  private struct State {
    var events = BySeverity(repeating: [Event]())
    var count = 0
    var latest = 0
    /// The number of the latest event that was given up, by severity; 0 before the first.
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

  /// What came after an event, as a stream of events has it (HTML, section 9.2.6), and the number of the last of them. Before it,
  /// as an event of the type `given-up`, how many of them are not kept any more. That has a number only where nothing follows:
  /// whoever comes back with it would miss what does.
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
