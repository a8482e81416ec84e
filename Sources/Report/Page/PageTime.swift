import Text
import Wire

/// Moments as a reader asks for them, how long after the first packet; the clock's time is in the title, and for programs.
struct PageTime {
  private let start: Timestamp?

  init(_ summary: SummaryDocument) { start = summary.first.flatMap(Formatting.timestamp) }

  /// `412 ms after the start`; nothing without a time.
  func html(_ time: String?) -> String { time.map { element($0, words($0, after: " after the start")) } ?? "" }

  /// `412 ms after the start to 631 ms`.
  func html(from first: String, to last: String) -> String {
    guard first != last else { return html(first) }
    return html(first) + "<br>to " + element(last, words(last, after: ""))
  }

  private func element(_ time: String, _ words: String) -> String {
    "<time datetime=\"\(Markup.escaped(time))\" title=\"\(Markup.escaped(Self.clock(time)))\">\(Markup.escaped(words))</time>"
  }

  private func words(_ time: String, after: String) -> String {
    guard let start, let moment = Formatting.timestamp(time) else { return Self.clock(time) }
    let passed = (moment - start).nanoseconds
    if passed == 0 { return "at the start" }
    if passed < 0 { return "\(Formatting.duration(nanoseconds: -passed)) before the start" }
    return Formatting.duration(nanoseconds: passed) + after
  }

  /// `2026-11-23 23:59:54.674000 UTC`.
  static func clock(_ time: String) -> String {
    guard Formatting.timestamp(time) != nil else { return time }
    return time.replacing("T", with: " ").replacing("Z", with: " UTC")
  }
}
