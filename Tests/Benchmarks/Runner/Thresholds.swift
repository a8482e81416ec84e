/// The committed bounds and goals, and the table of what was measured against them.
struct Thresholds {
  private struct Bound {
    var most: Double
    var goal: Double?
  }

  private var bounds: [String: Bound] = [:]
  private var measured: [String: Double] = [:]
  private(set) var isMet = true

  private static let path =
    #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/thresholds.txt"

  init() throws(Failure) {
    for line in text(Self.path).split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard 3...4 ~= words.count, let most = Double(words[2]), words.count == 3 || Double(words[3]) != nil else {
        throw Failure(
          status: 65, message: "\(Self.path): '\(line)' is not traffic, a measure, a bound and perhaps a goal")
      }
      bounds["\(words[0]) \(words[1])"] = Bound(most: most, goal: words.count == 4 ? Double(words[3]) : nil)
    }
    guard !bounds.isEmpty else { throw Failure(status: 66, message: "\(Self.path) names no threshold") }
  }

  /// The random mix can be anything, so without its own bound it uses that of the worst row.
  private func bound(_ traffic: String, _ measure: String) -> Bound? {
    if let bound = bounds["\(traffic) \(measure)"] { return bound }
    guard traffic == RandomMix.name else { return nil }
    let all = Mix.all(seed: 0).compactMap { bounds["\($0.name) \(measure)"] }
    let goals = all.compactMap(\.goal)
    return all.map(\.most).max().map { Bound(most: $0, goal: goals.count == all.count ? goals.max() : nil) }
  }

  func allows(_ traffic: String, _ measure: String, _ value: Double) -> Bool {
    bound(traffic, measure).map { value <= $0.most } ?? false
  }

  mutating func check(_ traffic: String, _ measure: String, _ value: Double) throws(Failure) {
    guard let bound = bound(traffic, measure) else {
      throw Failure(status: 65, message: "thresholds.txt has no bound for \(traffic) \(measure)")
    }
    // A measurement that is not a number is missed too.
    let isMet = value <= bound.most
    self.isMet = self.isMet && isMet
    measured["\(traffic) \(measure)"] = value
    let goal = bound.goal.map { "goal \(decimal($0))\(value <= $0 ? ", met" : "")" } ?? ""
    print(row(traffic, measure, decimal(value), "at most \(decimal(bound.most))", isMet ? "met" : "MISSED", goal))
  }

  /// Lowers the committed bounds to the measured values plus some room: allocations never vary, memory hardly, times
  /// do. The random mix keeps its bounds, because the next mix differs.
  func tighten() throws(Failure) {
    let lines = text(Self.path).split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var words = line.split(separator: " ").map(String.init)
      guard words.count >= 3, words[0] != RandomMix.name, let most = Double(words[2]),
        let value = measured["\(words[0]) \(words[1])"]
      else { return String(line) }
      let room =
        switch words[1] {
        case "allocations": 1.02
        case "peak-memory": 1.15
        default: 1.4
        }
      let bound = value * room
      words[2] = decimal(min(most, bound < 100 ? (bound * 100).rounded(.up) / 100 : bound.rounded(.up)))
      return words.joined(separator: " ")
    }
    try OutputFile(Self.path).write(Array(lines.joined(separator: "\n").utf8))
  }
}

/// A line of the table.
func row(_ columns: String...) -> String {
  zip(columns, [14, 22, 12, 18, 8, 0]).map { column, width in
    column + String(repeating: " ", count: max(1, width - column.count))
  }.joined()
}

/// Up to three decimals; whole numbers without.
func decimal(_ value: Double) -> String {
  guard value.isFinite else { return "none" }
  return value == value.rounded() ? String(Int(value)) : String((value * 1000).rounded() / 1000)
}
