import Text
import Wire

extension CivilDate {
  /// The day of a moment; nil outside 1970 to 2261.
  init?(secondsSinceEpoch seconds: Int64) {
    guard seconds >= 0, seconds < 106_751 * 86_400 else { return nil }
    self.init(daysSinceEpoch: Int(seconds / 86_400))
  }

  /// The first moment of the following day, which is when a rule ends that allows something through this day. Nil
  /// outside 1970 to 2261: a `Timestamp` does not reach further.
  var end: Timestamp? {
    guard (1970...2261).contains(year) else { return nil }
    return Timestamp(nanoseconds: Int64(daysSinceEpoch + 1) * 86_400 * 1_000_000_000)
  }
}
