/// The committed bounds and goals, and the table of what was measured against them.
struct Thresholds {
  private var bounds: [String: (most: Double, goal: Double?)] = [:]
  private(set) var isMet = true

  init() throws(Failure) {
    let path = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/thresholds.txt"
    for line in text(path).split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard 3...4 ~= words.count, let most = Double(words[2]), words.count == 3 || Double(words[3]) != nil else {
        throw Failure(status: 65, message: "\(path): '\(line)' is not traffic, a measure, a bound and perhaps a goal")
      }
      bounds["\(words[0]) \(words[1])"] = (most, words.count == 4 ? Double(words[3]) : nil)
    }
    guard !bounds.isEmpty else { throw Failure(status: 66, message: "\(path) names no threshold") }
  }

  mutating func check(_ traffic: String, _ measure: String, _ value: Double) throws(Failure) {
    guard let bound = bounds["\(traffic) \(measure)"] else {
      throw Failure(status: 65, message: "thresholds.txt has no bound for \(traffic) \(measure)")
    }
    // A measure that is no number is missed too.
    let isMet = value <= bound.most
    self.isMet = self.isMet && isMet
    let goal = bound.goal.map { "goal \(decimal($0))\(value <= $0 ? ", met" : "")" } ?? ""
    print(row(traffic, measure, decimal(value), "at most \(decimal(bound.most))", isMet ? "met" : "MISSED", goal))
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
