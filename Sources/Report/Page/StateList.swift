import Summaries
import Text
import Wire

/// What the lanes of states show, in words: a legend, and a list for readers who cannot see the picture.
struct StateList {
  /// The most parts of a lane that are listed.
  private static let shown = 40

  private let summary: Summary
  private let lanes: [StateLane]
  private let others: Int
  private let pause: Elapsed

  init(_ summary: Summary, _ lanes: [StateLane], others: Int, pause: Elapsed) {
    self.summary = summary
    self.lanes = lanes
    self.others = others
    self.pause = pause
  }

  /// Only of states that occur.
  var legend: String {
    let states = Set(lanes.flatMap { $0.parts.map(\.state) })
    let items = StateLane.State.allCases.filter(states.contains).map { state in
      "<li><svg class=\"swatch\" viewBox=\"0 0 28 20\" width=\"28\" height=\"20\" aria-hidden=\"true\">"
        + "\(state.shape(x: "2", width: "24", top: 0))</svg> \(state.words)</li>"
    }
    return "<ul class=\"legend\">\(items.joined())</ul>\n"
  }

  var caption: String {
    var words: [String] = []
    if others > 0 {
      words.append("\(Formatting.count(others, "more interface")) \(others == 1 ? "has" : "have") no lane.")
    }
    if lanes.contains(where: { $0.hidden > 0 && $0.name == "tunnel" }) {
      words.append(
        "Pauses of the tunnel under \(Formatting.duration(nanoseconds: pause.nanoseconds)) are not drawn.")
    }
    let gaps = lanes.reduce(0) { $0 + ($1.name == "tunnel" ? 0 : $1.hidden) }
    if gaps > 0 {
      words.append(
        "\(Formatting.count(gaps, "time")) that nobody saw \(gaps == 1 ? "is" : "are") too short to be drawn.")
    }
    return words.joined(separator: " ")
  }

  var html: String {
    let time = PageTime(summary)
    let items = lanes.filter { !$0.parts.isEmpty }.map { lane in
      // A part before the step's first frame or after its last one says nothing.
      let told = lane.parts.filter { clamped($0.from) < clamped($0.to) || $0.from == $0.to }
      let parts = told.prefix(Self.shown).map { part in
        "<li>\(part.state.name): \(time.range(from: clamped(part.from), to: clamped(part.to)))</li>"
      }
      let more = told.count - parts.count
      return "<li>\(Markup.name(lane.name))<ul>\(parts.joined())"
        + (more > 0 ? "<li class=\"quiet\">and \(Formatting.number(more)) more</li>" : "") + "</ul></li>\n"
    }
    return "<details class=\"states\"><summary>The lanes as a list</summary><ul>\n\(items.joined())</ul></details>\n"
  }

  /// A step begins before its first frame and ends after its last one.
  private func clamped(_ time: Timestamp) -> Timestamp {
    min(max(time, summary.first ?? .distantPast), summary.last ?? .distantFuture)
  }
}
