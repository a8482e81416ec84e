import Audit
import Foundation
import Policy
import Summaries
import Text
import Wire

/// What happened when, in lanes above each other with a common time axis:
///
///     events   |   |        |            containers, interfaces, handshakes
///     eth0     ------- #### -----        seen, and not
///     tunnel   =======[    ]=====        packets into the tunnel, and pauses
///     leaks         ==  ====
///     leak        ..      .              frames in each step, and a mark for each leak
///     tunnel   _--___---____--___
///     local    __________-_______
///
/// Windows of leaks are shaded across all lanes.
struct TimelinePicture {
  /// The width in units; the script scales the part that it shows.
  private static let width = 10_000.0
  private static let lane = 56
  private static let band = 20
  /// The most marks and ticks drawn; the others are in the table and in the list of events.
  private static let shown = 300

  let summary: Summary
  private let traffic: Traffic
  private let lists: [[Int]]
  private let states: [StateLane]
  private let list: StateList
  /// The start in seconds since 1970, and the number of seconds.
  private let start, seconds: Double

  /// Nil without frames.
  init?(_ summary: Summary) {
    guard let traffic = summary.traffic?.finest, !traffic.steps.isEmpty else { return nil }
    self.summary = summary
    self.traffic = traffic
    lists = VerdictClass.allCases.map { verdictClass in traffic.steps.map { $0[verdictClass.rawValue] } }
    let lanes = StateLanes(summary, traffic)
    states = lanes.sights + [lanes.tunnel, lanes.leaks]
    list = StateList(summary, states, others: lanes.others, pause: lanes.pause)
    start = Double(traffic.startUnits) / Double(Traffic.unitsPerSecond)
    seconds = Double(traffic.units * Int64(traffic.steps.count)) / Double(Traffic.unitsPerSecond)
  }

  private var classes: [VerdictClass] {
    [.leak, .tunnel, .local, .allowed, .ingress].filter { $0 == .leak || lists[$0.rawValue].contains { $0 > 0 } }
  }

  /// Whether a leak fails the audit; without one nothing is red.
  private var hasFailing: Bool { summary.leaks.contains(where: summary.isFailing) }

  /// The top of the lanes of frames.
  private var top: Int { (1 + states.count) * Self.band }
  private var height: Int { top + classes.count * Self.lane }

  var html: String {
    let ends = [0, 0.25, 0.5, 0.75, 1].map { (part: Double) in
      let moment = start + seconds * part
      let micro = Int64(((moment - moment.rounded(.down)) * 1_000_000).rounded(.down))
      return Formatting.time(seconds: Int64(moment.rounded(.down)), micro: micro)
    }
    let digits = seconds < 4 ? 23 : 21
    return """
      <p class="zoom"><label for="span">Show</label> <select id="span"><option value="all">all</option>\
      <option value="86400">a day</option><option value="3600">an hour</option><option value="600">ten minutes</option>\
      <option value="60">a minute</option><option value="10">ten seconds</option><option value="1">a second</option>\
      <option value="0.1">a tenth of a second</option></select> \
      <button type="button" id="earlier">earlier</button> <button type="button" id="later">later</button></p>
      <figure><div class="lanes"><ul>\(labels)</ul>
      \(plot)
      <div class="axis">\(ends.map { "<span>\(String($0.prefix(digits)).replacing("T", with: " "))</span>" }.joined())</div></div>
      \(list.legend)<figcaption>\(caption)</figcaption></figure>
      \(list.html)
      """
  }

  private var caption: String {
    let step =
      traffic.units == Traffic.unitsPerSecond
      ? "each second"
      : traffic.units < Traffic.unitsPerSecond
        ? "each 1/\(Traffic.unitsPerSecond / traffic.units) of a second"
        : "steps of \(Formatting.number(Int(traffic.units / Traffic.unitsPerSecond))) seconds"
    return
      "Frames in \(step), <span class=\"zone\">UTC</span>; each lane to its own scale, by the square root. Red dots are "
      + "leaks, shaded times those in which they were, ticks are events. \(list.caption)"
  }

  private var labels: String {
    var items = ["<li class=\"band\">events</li>"]
    items += states.map { "<li class=\"band\" title=\"\(Markup.escaped($0.name))\">\(Markup.escaped($0.name))</li>" }
    for verdictClass in classes {
      let list = lists[verdictClass.rawValue]
      let most = list.max() ?? 0
      items.append(
        "<li class=\"lane\"><b>\(verdictClass.name)</b> \(Formatting.count(list.reduce(0, +), "frame"))"
          + (verdictClass == .leak ? summary.mildFrames : "")
          + (most > 0 ? "<br>at most \(Formatting.number(most))" : "") + "</li>")
    }
    return items.joined()
  }

  private var plot: String {
    var svg = ""
    for (name, window) in summary.namedWindows where hasFailing {
      guard let first = position(window.first), let last = position(window.last) else { continue }
      svg +=
        "<rect class=\"shade\" x=\"\(decimal(first))\" y=\"0\" width=\"\(decimal(max(last - first, Self.width / 1000)))\""
        + " height=\"\(height)\"><title>\(Markup.escaped("\(summary.amount(of: window).text) \(name)"))</title></rect>\n"
    }
    svg += events + stateShapes
    for (index, verdictClass) in classes.enumerated() {
      svg += area(verdictClass, top: top + index * Self.lane)
    }
    svg += marks
    let center = position(summary.leaks.first?.first) ?? Self.width / 2
    return "<svg class=\"plot\" role=\"img\" aria-label=\"\(Markup.escaped(summary.sentence))\""
      + " viewBox=\"0 0 \(Int(Self.width)) \(height)\" height=\"\(height)\" preserveAspectRatio=\"none\" data-start=\"\(exact(start))\""
      + " data-seconds=\"\(exact(seconds))\" data-center=\"\(exact(center / Self.width * seconds))\">\n\(svg)</svg>"
  }

  private var events: String {
    summary.timeline.prefix(Self.shown).compactMap { event in
      position(event.time).map { x in
        "<line class=\"tick\" x1=\"\(decimal(x))\" x2=\"\(decimal(x))\" y1=\"2\" y2=\"\(Self.band - 2)\">"
          + "<title>\(Markup.escaped("\(event.time.coded) \(event.text)"))</title></line>\n"
      }
    }.joined()
  }

  private var stateShapes: String {
    states.enumerated().map { index, lane in
      lane.parts.map { part in
        let (first, last) = (position(part.from) ?? 0, position(part.to) ?? 0)
        let title = Markup.escaped("\(lane.name): \(part.state.name), \(part.from.coded) to \(part.to.coded)")
        return part.state.shape(
          x: decimal(first), width: decimal(max(last - first, Self.width / 1000)), top: (1 + index) * Self.band,
          "<title>\(title)</title>") + "\n"
      }.joined()
    }.joined()
  }

  /// A step's height grows with the square root of its frames, so that a single leak can be seen beside thousands.
  private func area(_ verdictClass: VerdictClass, top: Int) -> String {
    let list = lists[verdictClass.rawValue]
    let bottom = top + Self.lane - 1
    var svg = "<line class=\"rule\" x1=\"0\" x2=\"\(Int(Self.width))\" y1=\"\(bottom)\" y2=\"\(bottom)\"/>\n"
    let most = Double(list.max() ?? 0)
    guard most > 0 else { return svg }
    let step = Self.width / Double(list.count)
    var path = ""
    for (index, frames) in list.enumerated() where frames > 0 {
      let height = Double(Self.lane - 12) * (Double(frames) / most).squareRoot()
      path +=
        "M\(decimal(Double(index) * step)) \(bottom)v-\(decimal(max(height, 2)))h\(decimal(step))v\(decimal(max(height, 2)))z"
    }
    svg +=
      "<path class=\"area-\(verdictClass == .leak && !hasFailing ? "ingress" : verdictClass.name)\" d=\"\(path)\"/>\n"
    return svg
  }

  private var marks: String {
    let y = top + 5
    return summary.leaks.prefix(Self.shown).compactMap { leak in
      guard let first = position(leak.first), let last = position(leak.last) else { return nil }
      return
        "<line class=\"mark\(summary.isFailing(leak) ? "" : " mild")\" x1=\"\(decimal(first))\" x2=\"\(decimal(last))\" y1=\"\(y)\" y2=\"\(y)\">"
        + "<title>\(Markup.escaped("\(leak.first.coded) \(leak.reason.rawValue) \(leak.target)"))</title></line>\n"
    }.joined()
  }

  private func position(_ time: Timestamp?) -> Double? {
    guard let time else { return nil }
    // Subtracted as integers: a double does not have enough digits for both.
    let (second, rest) = traffic.startUnits.quotientAndRemainder(dividingBy: Traffic.unitsPerSecond)
    let passed = Double((time - Timestamp(seconds: second, nanoseconds: rest * 1_953_125)).nanoseconds) / 1e9
    return min(max(passed / seconds, 0), 1) * Self.width
  }

  /// For the script.
  private func exact(_ value: Double) -> String { String(format: "%.9f", value) }

  /// With one decimal, or none if that is zero.
  private func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
