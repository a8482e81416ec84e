import Foundation
import Synchronization

/// Counts the packets that come out of the tunnel at its other end, so that it is known from the wire when it carried
/// none.
final class EndpointWitness: Sendable {
  private struct State {
    var last: Int?
    var lastChange = ContinuousClock.now
    var silent = Duration.zero
    var packets = 0
    /// The pauses that count, in nanoseconds since the epoch.
    var pauses: [Range<Int64>] = []
  }

  private let path: String
  private let state = Mutex(State())
  private static let interface = "wg0"
  /// A tunnel that carries probes all the time is silent if none comes for this long.
  static let patience = Duration.milliseconds(700)

  /// - Parameter process: one in the network of the internet, as this machine numbers it.
  init(process: Int) { path = "/proc/\(process)/net/dev" }

  /// Begins to count anew.
  func begin() {
    state.withLock { $0 = State(last: received) }
  }

  /// To be called often.
  func look() {
    let received = received
    state.withLock { state in
      let now = ContinuousClock.now
      guard let received else { return }
      guard let last = state.last else {
        state.last = received
        return
      }
      guard received != last else { return }
      state.packets += max(0, received - last)
      let pause = now - state.lastChange
      if pause > Self.patience {
        state.silent += pause
        state.pauses.append(Self.range(of: pause))
      }
      state.last = received
      state.lastChange = now
    }
  }

  /// How many packets came, and how long none did: only pauses longer than `patience` count.
  var sums: (packets: Int, silent: Duration) {
    state.withLock { state in
      let pause = ContinuousClock.now - state.lastChange
      return (state.packets, state.silent + (pause > Self.patience ? pause : .zero))
    }
  }

  /// How many of these moments, in nanoseconds since the epoch, are in pauses, and later than a pause's first 0.7 s: a
  /// pause begins with what is still on its way.
  func countInPauses(_ moments: [Int64]) -> Int {
    let pauses = state.withLock { state in
      let pause = ContinuousClock.now - state.lastChange
      return state.pauses + (pause > Self.patience ? [Self.range(of: pause)] : [])
    }
    return moments.count { moment in pauses.contains { $0.contains(moment) } }
  }

  /// The time of a pause that ends now, without its first 0.7 s.
  private static func range(of pause: Duration) -> Range<Int64> {
    let end = Int64(Date().timeIntervalSince1970 * 1e9)
    return end - Int64((pause - patience) / .nanoseconds(1))..<end
  }

  private var received: Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") {
      let fields = line.split(whereSeparator: { $0 == " " || $0 == ":" })
      if fields.first == Self.interface[...], fields.count > 2 { return Int(fields[2]) }
    }
    return nil
  }
}
