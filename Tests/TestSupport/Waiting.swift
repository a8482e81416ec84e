import Foundation

/// Waits for something to become true. False after that many seconds.
public func waits(seconds: Int = 10, for condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < end {
    if try condition() { return true }
    Thread.sleep(forTimeInterval: 0.005)
  }
  return false
}
