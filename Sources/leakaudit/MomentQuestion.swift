import Foundation
import Wire

/// A moment as people write it: `2026-11-28T16:25:48Z`, with an offset such as `+01:00`, or without one in local time.
/// A blank may replace the T. Without seconds, the whole minute is meant.
struct MomentQuestion {
  let start: Timestamp
  /// Whether the moment lasts a minute instead of a second, if no length is stated.
  let isMinute: Bool

  init?(_ text: String) {
    let form =
      /([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?/
    guard let match = text.wholeMatch(of: form)?.output else { return nil }
    isMinute = match.6 == nil
    var zone = TimeZone.current
    if match.7 != nil { zone = .gmt }
    if let sign = match.8, let hours = match.9.flatMap({ Int($0) }), let minutes = match.10.flatMap({ Int($0) }) {
      let offset = (hours * 60 + minutes) * 60
      guard hours < 24, minutes < 60, let stated = TimeZone(secondsFromGMT: sign == "-" ? -offset : offset) else {
        return nil
      }
      zone = stated
    }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = DateComponents(
      calendar: calendar, timeZone: zone, year: Int(match.1), month: Int(match.2), day: Int(match.3),
      hour: Int(match.4), minute: Int(match.5), second: match.6.flatMap { Int($0) } ?? 0)
    // Refuse a day that no calendar has, or an hour that the clocks skipped.
    guard parts.isValidDate, let date = parts.date, (0..<9_000_000_000).contains(date.timeIntervalSince1970) else {
      return nil
    }
    start = Timestamp(seconds: Int64(date.timeIntervalSince1970), nanoseconds: 0)
  }

  /// `90s`, `10m`, `2h`, `1d`, in seconds: at most a year.
  static func seconds(_ text: String) -> Int64? {
    guard let match = text.wholeMatch(of: /([0-9]{1,8})([smhd])/)?.output, let count = Int64(match.1) else {
      return nil
    }
    let unit: Int64 =
      switch match.2 {
      case "s": 1
      case "m": 60
      case "h": 3600
      default: 86_400
      }
    let seconds = count * unit
    return (1...366 * 86_400).contains(seconds) ? seconds : nil
  }
}
