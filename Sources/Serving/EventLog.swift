import Synchronization

/// The latest events, numbered from 1 on, for those who listen and those who come back.
final class EventLog: Sendable {
  /// Beyond these the oldest are forgotten.
  static var limit: Int { 256 }

  private struct State {
    var texts: [String] = []
    /// Of the first of `texts`.
    var first = 1
  }

  private let state = Mutex(State())

  func append(_ text: String) {
    state.withLock { state in
      state.texts.append(text)
      if state.texts.count > Self.limit {
        state.texts.removeFirst()
        state.first += 1
      }
    }
  }

  /// The number of the latest event; 0 before the first.
  var latest: Int { state.withLock { $0.first + $0.texts.count - 1 } }

  /// What came after an event, as a stream of events has it (HTML, section 9.2.6), and the number of the last of them.
  func after(_ number: Int) -> (text: String, latest: Int) {
    state.withLock { state in
      let latest = state.first + state.texts.count - 1
      guard number < latest else { return ("", latest) }
      let start = max(0, number + 1 - state.first)
      var text = ""
      for (index, event) in state.texts.enumerated().dropFirst(start) {
        text += "id: \(state.first + index)\ndata: \(event)\n\n"
      }
      return (text, latest)
    }
  }
}
