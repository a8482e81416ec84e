import Foundation
import Synchronization

/// Follows a count of the tunnel's packets, so that it is known from the wire when it carried none: in a twin of those that
/// come out of its other end, on a running stack of those that come from the Endpoint.
final class EndpointWitness: Sendable {
  private struct State {
    var last: Int?
    var lastChange = ContinuousClock.now
    var silent = Duration.zero
    var packets = 0
    /// The pauses that count, in nanoseconds since the epoch.
    var pauses: [Range<Int64>] = []
  }

  private let count: @Sendable () -> Int?
  private let state = Mutex(State())
  /// A tunnel that carries probes all the time is silent if none comes for this long.
  static let patience = Duration.milliseconds(700)

  /// - Parameter count: all packets of the tunnel's that came so far; nil if they cannot be counted now.
  init(count: @escaping @Sendable () -> Int?) { self.count = count }

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

  private var received: Int? { count() }

  /// Counts what comes out of the tunnel at a twin's Endpoint.
  ///
  /// - Parameter process: one in the network of the twin's internet, as this machine numbers it.
  convenience init(process: Int) {
    self.init { Self.received(on: "wg0", inNetworkOf: process) }
  }

  private static func received(on interface: String, inNetworkOf process: Int) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/net/dev", encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") {
      let fields = line.split(whereSeparator: { $0 == " " || $0 == ":" })
      if fields.first == interface[...], fields.count > 2 { return Int(fields[2]) }
    }
    return nil
  }
}
