import Summaries
import Text
import Wire

/// Times as a reader wants them: how long after the first packet. The clock's time is in the element's title and, for
/// programs, in its `datetime`.
struct PageTime {
  private let start: Timestamp?

  init(_ summary: Summary) { start = summary.first }

  /// `412 ms after the start`; empty without a time.
  func html(_ time: Timestamp?) -> String { time.map { element($0, words($0, after: " after the start")) } ?? "" }

  /// `412 ms after the start to 631 ms`.
  func html(from first: Timestamp, to last: Timestamp) -> String {
    guard first != last else { return html(first) }
    return html(first) + "<br>to " + element(last, words(last, after: ""))
  }

  /// `412 ms to 631 ms after the start`, as one range.
  func range(from first: Timestamp, to last: Timestamp) -> String {
    first == last ? html(first) : element(first, words(first, after: "")) + " to " + html(last)
  }

  private func element(_ time: Timestamp, _ words: String) -> String {
    "<time datetime=\"\(time.coded)\" title=\"\(Self.clock(time))\">\(Markup.escaped(words))</time>"
  }

  private func words(_ time: Timestamp, after: String) -> String {
    guard let start else { return Self.clock(time) }
    let passed = (time - start).nanoseconds
    if passed == 0 { return "at the start" }
    if passed < 0 { return "\(Formatting.duration(nanoseconds: (start - time).nanoseconds)) before the start" }
    return Formatting.duration(nanoseconds: passed) + after
  }

  /// `2026-11-23 23:59:54.674000 UTC`.
  static func clock(_ time: Timestamp) -> String {
    time.coded.replacing("T", with: " ").replacing("Z", with: " UTC")
  }

  /// The clock's time. The script shows it in another zone if the reader chooses one.
  static func exact(_ time: Timestamp) -> String { clock(time, clock(time)) }

  /// The same, in whole seconds.
  static func second(_ time: Timestamp) -> String {
    clock(time, String(time.coded.prefix(19)).replacing("T", with: " ") + " UTC")
  }

  private static func clock(_ time: Timestamp, _ words: String) -> String {
    "<time class=\"clock\" datetime=\"\(time.coded)\">\(words)</time>"
  }
}
