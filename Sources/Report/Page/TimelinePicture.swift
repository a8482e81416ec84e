import Audit
import Policy
import Summaries
import Text
import Wire

/// What happened when, in lanes above each other that share their time:
///
///     events   |   |        |            containers, interfaces, handshakes
///     tunnel   ==================        from the first handshake to the last packet
///     leak        ..      .              frames in each step, and a mark for each leak
///     tunnel   _--___---____--___
///     local    __________-_______
///
/// Windows of leaks are shaded across all of them.
struct TimelinePicture {
  /// Units from the left edge to the right; the script scales what it shows of them.
  private static let width = 10_000.0
  private static let lane = 56
  private static let band = 20
  /// Marks and ticks drawn; what is beyond stands in the table and the list of events.
  private static let shown = 300

  let summary: Summary
  private let traffic: Summary.Traffic
  private let start: Int64
  private let seconds: Int64

  /// Nil without frames.
  init?(_ summary: Summary) {
    guard let traffic = summary.traffic, !traffic.tunnel.isEmpty else { return nil }
    self.summary = summary
    self.traffic = traffic
    start = traffic.start.seconds
    seconds = traffic.seconds * Int64(traffic.tunnel.count)
  }

  private var classes: [VerdictClass] {
    [.leak, .tunnel, .local, .allowed, .ingress].filter { $0 == .leak || traffic[$0].contains { $0 > 0 } }
  }

  /// Without one nothing is red.
  private var hasFailing: Bool { summary.leaks.contains(where: summary.isFailing) }

  private var height: Int { 2 * Self.band + classes.count * Self.lane }

  var html: String {
    let ends = [0, 0.25, 0.5, 0.75, 1].map { (part: Double) in
      let passed = Double(seconds) * part
      let micro = Int64(((passed - passed.rounded(.down)) * 1_000_000).rounded())
      return Formatting.time(seconds: start + Int64(passed), micro: micro)
    }
    return """
      <p class="zoom"><label for="span">Show</label> <select id="span"><option value="all">all</option>\
      <option value="86400">a day</option><option value="3600">an hour</option><option value="600">ten minutes</option>\
      <option value="60">a minute</option><option value="10">ten seconds</option></select> \
      <button type="button" id="earlier">earlier</button> <button type="button" id="later">later</button></p>
      <figure><div class="lanes"><ul>\(labels)</ul>
      \(plot)
      <div class="axis">\(ends.map { "<span>\(String($0.prefix(21)).replacing("T", with: " "))</span>" }.joined())</div></div>
      <figcaption>\(caption)</figcaption></figure>

      """
  }

  private var caption: String {
    let step = traffic.seconds == 1 ? "each second" : "steps of \(traffic.seconds) seconds"
    return
      "Frames in \(step), UTC; each lane to its own scale, by the square root. Red dots are leaks, shaded times "
      + "those in which they were, ticks are events, the green band the tunnel from its first handshake to its last packet."
  }

  private var labels: String {
    var items = ["<li class=\"band\">events</li>", "<li class=\"band\">tunnel</li>"]
    for verdictClass in classes {
      let list = traffic[verdictClass]
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
    svg += events + bands
    for (index, verdictClass) in classes.enumerated() {
      svg += area(verdictClass, top: 2 * Self.band + index * Self.lane)
    }
    svg += marks
    let center = position(summary.leaks.first?.first) ?? Self.width / 2
    return "<svg class=\"plot\" role=\"img\" aria-label=\"\(Markup.escaped(summary.sentence))\""
      + " viewBox=\"0 0 \(Int(Self.width)) \(height)\" height=\"\(height)\" preserveAspectRatio=\"none\" data-start=\"\(start)\""
      + " data-seconds=\"\(seconds)\" data-center=\"\(Int(center / Self.width * Double(seconds)))\">\n\(svg)</svg>"
  }

  private var events: String {
    summary.timeline.prefix(Self.shown).compactMap { event in
      position(event.time).map { x in
        "<line class=\"tick\" x1=\"\(decimal(x))\" x2=\"\(decimal(x))\" y1=\"2\" y2=\"\(Self.band - 2)\">"
          + "<title>\(Markup.escaped("\(event.time.coded) \(event.text)"))</title></line>\n"
      }
    }.joined()
  }

  private var bands: String {
    summary.tunnelStates.compactMap { tunnel in
      guard let first = position(tunnel.firstHandshake ?? tunnel.first), let last = position(tunnel.last) else {
        return nil
      }
      let y = Self.band + Self.band / 2
      return
        "<line class=\"up\" x1=\"\(decimal(first))\" x2=\"\(decimal(max(last, first + 1)))\" y1=\"\(y)\" y2=\"\(y)\">"
        + "<title>\(Markup.escaped("\(tunnel.endpoint.coded), \(tunnel.state.rawValue)"))</title></line>\n"
    }.joined()
  }

  /// A step is as high as the root of its frames: a lone leak is seen beside thousands.
  private func area(_ verdictClass: VerdictClass, top: Int) -> String {
    let list = traffic[verdictClass]
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
    let y = 2 * Self.band + 5
    return summary.leaks.prefix(Self.shown).compactMap { leak in
      guard let first = position(leak.first), let last = position(leak.last) else { return nil }
      return
        "<line class=\"mark\(summary.isFailing(leak) ? "" : " mild")\" x1=\"\(decimal(first))\" x2=\"\(decimal(last))\" y1=\"\(y)\" y2=\"\(y)\">"
        + "<title>\(Markup.escaped("\(leak.first.coded) \(leak.reason.rawValue) \(leak.target)"))</title></line>\n"
    }.joined()
  }

  private func position(_ time: Timestamp?) -> Double? {
    guard let time else { return nil }
    let passed = Double(time.nanoseconds) / 1e9 - Double(start)
    return min(max(passed / Double(seconds), 0), 1) * Self.width
  }

  /// With one digit behind the point, and none where it is zero.
  private func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
