import Summaries
import Text
import Wire

/// Moments as a reader asks for them, how long after the first packet; the clock's time is in the title, and for programs.
struct PageTime {
  private let start: Timestamp?

  init(_ summary: Summary) { start = summary.first }

  /// `412 ms after the start`; nothing without a time.
  func html(_ time: Timestamp?) -> String { time.map { element($0, words($0, after: " after the start")) } ?? "" }

  /// `412 ms after the start to 631 ms`.
  func html(from first: Timestamp, to last: Timestamp) -> String {
    guard first != last else { return html(first) }
    return html(first) + "<br>to " + element(last, words(last, after: ""))
  }

  /// `412 ms to 631 ms after the start`, in one line.
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

  /// The clock's time, which the script tells in another zone where it is asked to.
  static func exact(_ time: Timestamp) -> String { clock(time, clock(time)) }

  /// The same without what is below a second.
  static func second(_ time: Timestamp) -> String {
    clock(time, String(time.coded.prefix(19)).replacing("T", with: " ") + " UTC")
  }

  private static func clock(_ time: Timestamp, _ words: String) -> String {
    "<time class=\"clock\" datetime=\"\(time.coded)\">\(words)</time>"
  }
}
