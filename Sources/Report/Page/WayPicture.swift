import Text

/// The packets' way, from whom they came, over which interface, to where: what leaked is drawn as such.
struct WayPicture {
  private static let shown = 6
  private static let rowHeight = 64
  private static let boxHeight = 46
  private static let columns = [(x: 10, width: 240), (x: 370, width: 240), (x: 730, width: 260)]

  /// A box of a column.
  private struct Box {
    var title: String
    var detail: String
    var isLeaking = false
  }

  private struct Path: Hashable {
    var from: Int
    var to: Int
    var kind: Kind
    enum Kind: String { case local, tunnel, allowed, leak }
  }

  private var columns: [[Box]]
  private var paths: [[Path: Int]] = [[:], [:]]

  /// Nil where nothing left.
  init?(_ summary: SummaryDocument) {
    guard summary.egress > 0 else { return nil }
    let origins = Self.ranked(summary.leaks.map { ($0.origin ?? Self.unknown, $0.frames) })
    let targets = Self.ranked(summary.leaks.map { ($0.target, $0.frames) })
    var left: [Box] = []
    if summary.egress > summary.leak || origins.isEmpty {
      left.append(Box(title: "the audited side", detail: "what did not leak"))
    }
    let firstOrigin = left.count
    left += origins.map { Box(title: $0.name, detail: Formatting.count($0.frames, "leaked frame"), isLeaking: true) }

    var right: [Box] = []
    func add(_ title: String, _ frames: Int) -> Int? {
      guard frames > 0 else { return nil }
      right.append(Box(title: title, detail: Formatting.count(frames, "frame")))
      return right.count - 1
    }
    let endpoints = summary.tunnelStates.filter { $0.sentFrames > 0 }.map(\.endpoint)
    let tunnel = add("tunnel to " + endpoints.joined(separator: ", "), summary.tunnel)
    let local = add("on the premises", summary.local)
    let allowed = add("allowed by the policy", summary.allowed)
    let firstTarget = right.count
    right += targets.map { Box(title: $0.name, detail: Formatting.count($0.frames, "leaked frame"), isLeaking: true) }

    // Those that leaked first: what is told apart no longer must not be they alone.
    let interfaces = summary.namedInterfaces.filter { $0.frames > $0.ingress }.sorted { $0.leak > $1.leak }
    let apart = interfaces.count > Self.shown ? Self.shown - 1 : interfaces.count
    var middle = interfaces.prefix(apart).map { interface in
      Box(
        title: interface.name, detail: interface.role.map { "the \($0 == "nic" ? "NIC" : $0)" } ?? interface.linkType,
        isLeaking: interface.leak > 0)
    }
    let rest = interfaces.dropFirst(apart)
    if !rest.isEmpty {
      middle.append(
        Box(title: "\(rest.count) more interfaces", detail: "", isLeaking: rest.contains { $0.leak > 0 }))
    }
    columns = [left, middle, right]
    let leaks = Dictionary(grouping: summary.leaks, by: \.interface)
    for (position, interface) in interfaces.enumerated() {
      let index = min(position, apart)
      for (target, kind, frames) in [
        (tunnel, Path.Kind.tunnel, interface.tunnel), (local, .local, interface.local),
        (allowed, .allowed, interface.allowed),
      ] where frames > 0 {
        guard let target else { continue }
        paths[1][Path(from: index, to: target, kind: kind), default: 0] += frames
        paths[0][Path(from: 0, to: index, kind: .local), default: 0] += frames
      }
      for leak in leaks[interface.name] ?? [] {
        let origin = origins.firstIndex { $0.name == leak.origin ?? Self.unknown } ?? origins.count - 1
        let target = targets.firstIndex { $0.name == leak.target } ?? targets.count - 1
        paths[0][Path(from: firstOrigin + origin, to: index, kind: .leak), default: 0] += leak.frames
        paths[1][Path(from: index, to: firstTarget + target, kind: .leak), default: 0] += leak.frames
      }
    }
  }

  private static let unknown = "an address of the audited side"

  /// The most frequent, the rest as one.
  private static func ranked(_ entries: [(name: String, frames: Int)]) -> [(name: String, frames: Int)] {
    let sums = Dictionary(entries.map { ($0.name, $0.frames) }, uniquingKeysWith: +)
    let sorted = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (name: $0.key, frames: $0.value) }
    guard sorted.count > shown else { return sorted }
    let rest = sorted.dropFirst(shown - 1)
    return sorted.prefix(shown - 1) + [("\(rest.count) others", rest.reduce(0) { $0 + $1.frames })]
  }

  var html: String {
    let rows = columns.map(\.count).max() ?? 0
    let height = rows * Self.rowHeight + 16
    var svg = ""
    // What leaked lies above the rest.
    for (stage, paths) in paths.enumerated() {
      let sorted = paths.sorted {
        ($0.key.kind == .leak ? 1 : 0, $0.key.from, $0.key.to) < ($1.key.kind == .leak ? 1 : 0, $1.key.from, $1.key.to)
      }
      for (path, frames) in sorted { svg += line(path, stage: stage, frames: frames, rows: rows) }
    }
    for (index, boxes) in columns.enumerated() {
      for (row, box) in boxes.enumerated() { svg += draw(box, column: index, row: row, rows: rows) }
    }
    return """
      <figure><div class="scroll" tabindex="0" role="group" aria-label="The packets' way"><svg class="way" role="img" \
      aria-label="From whom, over which interface, to where; the numbers are in the tables" viewBox="0 0 1000 \(height)">
      \(svg)</svg></div><figcaption>Thick red paths leaked, blue ones went into the tunnel, grey ones stayed on the premises, \
      purple ones the policy allows. A packet that crosses two interfaces is counted on each.</figcaption></figure>

      """
  }

  private func middle(_ column: Int, _ row: Int, rows: Int) -> Int {
    let top = 8 + (rows - columns[column].count) * Self.rowHeight / 2
    return top + row * Self.rowHeight + Self.boxHeight / 2
  }

  private func line(_ path: Path, stage: Int, frames: Int, rows: Int) -> String {
    let x1 = Self.columns[stage].x + Self.columns[stage].width
    let x2 = Self.columns[stage + 1].x
    let (y1, y2) = (middle(stage, path.from, rows: rows), middle(stage + 1, path.to, rows: rows))
    let bend = (x2 - x1) / 2
    return
      "<path class=\"path path-\(path.kind.rawValue)\" d=\"M\(x1) \(y1)C\(x1 + bend) \(y1) \(x2 - bend) \(y2) \(x2) \(y2)\">"
      + "<title>\(Formatting.count(frames, "frame")), \(path.kind.rawValue)</title></path>\n"
  }

  private func draw(_ box: Box, column: Int, row: Int, rows: Int) -> String {
    let (x, width) = Self.columns[column]
    let y = middle(column, row, rows: rows)
    return
      "<g><title>\(Markup.escaped(box.title))</title><rect class=\"box\(box.isLeaking ? " leaking" : "")\" x=\"\(x)\""
      + " y=\"\(y - Self.boxHeight / 2)\" width=\"\(width)\" height=\"\(Self.boxHeight)\" rx=\"6\"/>"
      + "<text x=\"\(x + 10)\" y=\"\(y - 3)\">\(Markup.escaped(Markup.short(box.title, width / 8)))</text>"
      + "<text class=\"small\" x=\"\(x + 10)\" y=\"\(y + 15)\">\(Markup.escaped(box.detail))</text></g>\n"
  }
}
