package import Wire

/// Formats numbers, times and texts for people.
package enum Formatting {
  /// `1,234,567`.
  package static func number(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: position)
      position -= 3
    }
    return (value < 0 ? "-" : "") + String(digits)
  }

  /// `1 frame`, `1,234 frames`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(number(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// Bytes with a decimal prefix: `713 B`, `1.2 kB`, `34.5 MB`.
  package static func bytes(_ value: Int) -> String {
    if value < 1000 { return "\(value) B" }
    var tenths = value / 100
    for unit in ["kB", "MB", "GB", "TB"] {
      if tenths < 10_000 { return "\(tenths / 10).\(tenths % 10) \(unit)" }
      tenths /= 1000
    }
    return "\(number(tenths / 10)) PB"
  }

  /// A share in percent with one decimal. Only nothing is shown as 0 %, and only the whole as 100 %.
  package static func share(_ part: Int, of whole: Int) -> String {
    if part == 0 || whole == 0 { return "0 %" }
    if part == whole { return "100 %" }
    let tenths = Int((Double(part) / Double(whole) * 1000).rounded())
    if tenths == 0 { return "<0.1 %" }
    if tenths == 1000 { return ">99.9 %" }
    return "\(tenths / 10).\(tenths % 10) %"
  }

  /// A length of time: `412 ms`, `12.3 s`, `4 min 07 s`, `2 h 05 min`.
  package static func duration(nanoseconds: Int64) -> String {
    let milliseconds = nanoseconds / 1_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    let seconds = milliseconds / 1000
    if seconds < 60 { return "\(seconds).\(milliseconds / 100 % 10) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(twoDigits(seconds % 60)) s" }
    return "\(number(Int(seconds / 3600))) h \(twoDigits(seconds / 60 % 60)) min"
  }

  /// RFC 3339 in UTC with microseconds: `2026-11-23T23:10:01.123456Z`.
  package static func time(_ timestamp: Timestamp) -> String {
    let (seconds, nanoseconds) = floorDivide(timestamp.nanoseconds, 1_000_000_000)
    return time(seconds: seconds, micro: nanoseconds / 1000)
  }

  /// The same for whole seconds since 1970, which have a greater range than a timestamp.
  package static func time(seconds: Int64, micro: Int64 = 0) -> String {
    let (days, secondOfDay) = floorDivide(seconds, 86_400)
    let micro = String(micro)
    return "\(CivilDate(daysSinceEpoch: Int(days)))T\(twoDigits(secondOfDay / 3600)):"
      + "\(twoDigits(secondOfDay / 60 % 60)):\(twoDigits(secondOfDay % 60))."
      + String(repeating: "0", count: 6 - micro.count) + micro + "Z"
  }

  /// Reads what `time` writes. Nil for anything else. A time outside a timestamp's range becomes the nearest timestamp.
  package static func timestamp(_ text: String) -> Timestamp? {
    guard let (seconds, micro) = moment(text) else { return nil }
    let (nanoseconds, overflow) = (seconds * 1_000_000 + micro).multipliedReportingOverflow(by: 1000)
    if overflow { return seconds < 0 ? .distantPast : .distantFuture }
    return Timestamp(nanoseconds: nanoseconds)
  }

  /// The same for a time in whole seconds. Nil if it has a fraction.
  package static func seconds(_ text: String) -> Int64? {
    guard let (seconds, micro) = moment(text), micro == 0 else { return nil }
    return seconds
  }

  private static func moment(_ text: String) -> (seconds: Int64, micro: Int64)? {
    let parts = text.utf8.split(whereSeparator: { $0 < 0x30 || $0 > 0x39 }).map { Int64(Substring($0)) }
    guard text.utf8.count >= 27, text.hasSuffix("Z"), parts.count == 7, let year = parts[0], let month = parts[1],
      let day = parts[2], let hour = parts[3], let minute = parts[4], let second = parts[5], let micro = parts[6],
      let date = CivilDate(year: Int(year), month: Int(month), day: Int(day)), hour < 24, minute < 60, second < 60,
      micro < 1_000_000
    else { return nil }
    let seconds = ((Int64(date.daysSinceEpoch) * 24 + hour) * 60 + minute) * 60 + second
    return time(seconds: seconds, micro: micro) == text ? (seconds, micro) : nil
  }

  /// Text from outside, made safe for a terminal: control and format characters become `\u{…}`. A hostile
  /// name can then neither move the cursor nor reverse the line's reading order.
  package static func safe(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    return text.unicodeScalars.reduce(into: "") { safe, scalar in
      if isUnsafe(scalar) {
        safe += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        safe.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a terminal could act on a character instead of showing it.
  package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    // In ASCII, only the control characters are unsafe.
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: true
    default: false
    }
  }
}
