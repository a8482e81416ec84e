import Summaries

/// A way as a picture for wide windows and paper, and as a list for narrow windows and readers who cannot see pictures.
struct WayPicture {
  private static let width = 1100
  private static let rowHeight = 64
  private static let boxHeight = 46
  /// The most entries of the list; the rest are summed up.
  private static let listed = 20

  private struct Path: Hashable {
    var stage, from, to: Int
    var kind: Way.Kind
  }

  private let way: Way

  init?(_ summary: Summary) {
    guard let way = Way(summary) else { return nil }
    self.way = way
  }

  private var boxWidth: Int { way.hasOrder ? 215 : 270 }
  private func left(_ column: Int) -> Int {
    5 + column * (Self.width - 10 - boxWidth) / max(way.columns.count - 1, 1)
  }
  private var rows: Int { way.columns.map(\.count).max() ?? 0 }

  var html: String {
    // Leaks are drawn on top.
    let order = paths.sorted {
      ($0.key.kind.rank, $0.key.stage, $0.key.from, $0.key.to) < (
        $1.key.kind.rank, $1.key.stage, $1.key.from, $1.key.to
      )
    }
    var svg = order.map(line).joined()
    for (index, boxes) in way.columns.enumerated() {
      for (row, box) in boxes.enumerated() { svg += draw(box, column: index, row: row) }
    }
    return """
      <figure><div class="scroll" tabindex="0" role="group" aria-label="The packets' way"><svg class="way" role="img" \
      aria-label="From whom, over which interface, to where; a list of the same follows" viewBox="0 0 \(Self.width) \(rows * Self.rowHeight + 16)">
      \(svg)</svg></div>
      \(list)<figcaption>\(caption)</figcaption></figure>

      """
  }

  private var caption: String {
    let failing = way.summary.amount(way.summary.failingEntries)
    var words: [String] = []
    if failing.count > 0 { words.append("Red is what leaked: \(failing.text).") }
    let kinds = Set(way.routes.map(\.kind))
    for (kind, text) in [
      (Way.Kind.mild, "Yellow is what left outside the VPN and does not fail the audit"),
      (.apart, "Dotted grey is not judged"),
    ] where kinds.contains(kind) {
      let count = way.routes.reduce(0) { $0 + ($1.kind == kind ? $1.counts.first : 0) }
      words.append("\(text): \(way.amount(count, kind)).")
    }
    if kinds.contains(.tunnel) { words.append("Blue went into the tunnel.") }
    if kinds.contains(.local) { words.append("Grey stayed on the premises.") }
    if kinds.contains(.allowed) { words.append("Purple is allowed by the policy.") }
    if way.columns.joined().contains(where: \.isEnd) {
      words.append("A way that ends at a bar was seen on the bridge and not on the NIC: the host may have stopped it.")
    }
    if way.summary.leakPackets != nil, failing.count > 0 { words.append("A leaked packet is counted once.") }
    if way.summary.interfaces.count > 1 { words.append("Frames are counted on each interface.") }
    return words.joined(separator: " ")
  }

  // MARK: Picture

  private var paths: [Path: Int] {
    var paths: [Path: Int] = [:]
    for route in way.routes {
      for (stage, (from, to)) in zip(route.stops, route.stops.dropFirst()).enumerated() {
        let count = stage == way.columns.count - 2 ? route.counts.last : route.counts.first
        paths[Path(stage: stage, from: from, to: to, kind: route.kind), default: 0] += count
      }
    }
    return paths
  }

  private func middle(_ column: Int, _ row: Int) -> Int {
    let top = 8 + (rows - way.columns[column].count) * Self.rowHeight / 2
    return top + row * Self.rowHeight + Self.boxHeight / 2
  }

  private func line(_ path: Path, _ count: Int) -> String {
    let (x1, x2) = (left(path.stage) + boxWidth, left(path.stage + 1))
    let (y1, y2) = (middle(path.stage, path.from), middle(path.stage + 1, path.to))
    let bend = (x2 - x1) / 2
    return
      "<path class=\"path path-\(path.kind.rawValue) stage-\(path.stage)\" d=\"M\(x1) \(y1)C\(x1 + bend) \(y1) \(x2 - bend) \(y2)"
      + " \(x2) \(y2)\"><title>\(way.amount(count, path.kind)) \(path.kind.words)</title></path>\n"
  }

  private func draw(_ box: Way.Box, column: Int, row: Int) -> String {
    let (x, y) = (left(column), middle(column, row))
    let top = y - Self.boxHeight / 2
    func text(_ text: String, _ width: Int) -> String { Markup.escaped(Markup.short(text, (boxWidth - 20) / width)) }
    let bar =
      "<rect class=\"bar bar-\(box.kind.rawValue)\" x=\"\(x)\" y=\"\(top - 5)\" width=\"7\" height=\"\(Self.boxHeight + 10)\"/>"
    return
      "<g><title>\(Markup.escaped("\(box.title): \(box.detail)"))</title><rect class=\"box box-\(box.kind.rawValue)"
      + "\(box.isEnd ? " box-end" : "")\" x=\"\(x)\" y=\"\(top)\" width=\"\(boxWidth)\" height=\"\(Self.boxHeight)\" rx=\"6\"/>"
      + (box.isEnd ? bar : "") + "<text x=\"\(x + 14)\" y=\"\(y - 3)\">\(text(box.title, 8))</text>"
      + "<text class=\"small\" x=\"\(x + 14)\" y=\"\(y + 15)\">\(text(box.detail, 7))</text></g>\n"
  }

  // MARK: List

  private var list: String {
    let order = way.routes.sorted {
      ($0.kind.rank, $0.counts.first, $1.stops.description) > ($1.kind.rank, $1.counts.first, $0.stops.description)
    }
    var items = order.prefix(Self.listed).map { route in
      let stops = route.stops.enumerated().map { column, row in
        let box = way.columns[column][row]
        let role = (1...2).contains(column) && column < way.columns.count - 1 && !box.isEnd ? box.detail : ""
        return
          "<li>\(Markup.name(box.title))\(role.isEmpty ? "" : " <span class=\"quiet\">\(Markup.escaped(role))</span>")</li>"
      }
      return
        "<li class=\"way-\(route.kind.rawValue)\"><strong>\(way.amount(max(route.counts.first, route.counts.last), route.kind)) "
        + "\(route.kind.words)</strong><ol class=\"stops\">\(stops.joined())</ol></li>\n"
    }
    let rest = order.dropFirst(Self.listed)
    for kind in Way.Kind.allCases.reversed() {
      let count = rest.reduce(0) { $0 + ($1.kind == kind ? $1.counts.first : 0) }
      if count > 0 { items.append("<li>on other ways, \(way.amount(count, kind)) \(kind.words)</li>\n") }
    }
    return "<ul class=\"ways\">\(items.joined())</ul>\n"
  }
}
