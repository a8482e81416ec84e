import Wire

/// A day of the Gregorian calendar, in UTC.
struct CivilDate {
  let year: Int
  let month: Int
  let day: Int

  /// Reads `YYYY-MM-DD` (RFC 3339 `full-date`). Nil for any other form, a day that does not exist, and a
  /// year outside 1970 to 2261, beyond which a `Timestamp` does not reach.
  init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
      let year = decimal(parts[0], Int.self), let month = decimal(parts[1], Int.self),
      let day = decimal(parts[2], Int.self), (1970...2261).contains(year), (1...12).contains(month),
      (1...Self.days(in: month, of: year)).contains(day)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day of a moment; nil outside 1970 to 2261.
  init?(secondsSinceEpoch seconds: Int64) {
    guard seconds >= 0, seconds < 106_751 * 86_400 else { return nil }
    var days = Int(seconds / 86_400)
    var (year, month) = (1970, 1)
    while days >= (Self.isLeap(year) ? 366 : 365) {
      days -= Self.isLeap(year) ? 366 : 365
      year += 1
    }
    while days >= Self.days(in: month, of: year) {
      days -= Self.days(in: month, of: year)
      month += 1
    }
    (self.year, self.month, day) = (year, month, days + 1)
  }

  /// `YYYY-MM-DD`.
  var text: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))"
  }

  /// The first moment of the following day: what is allowed through a day ends there.
  var end: Timestamp { Timestamp(nanoseconds: Int64(daysSinceEpoch + 1) * 86_400 * 1_000_000_000) }

  private var daysSinceEpoch: Int {
    let wholeYears = (1970..<year).reduce(0) { $0 + (Self.isLeap($1) ? 366 : 365) }
    let wholeMonths = (1..<month).reduce(0) { $0 + Self.days(in: $1, of: year) }
    return wholeYears + wholeMonths + day - 1
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }
}
