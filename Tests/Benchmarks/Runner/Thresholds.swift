/// The committed limits, and the table of what was measured against them.
struct Thresholds {
  private var limits: [String: Double] = [:]
  private(set) var isMet = true

  init() throws(Failure) {
    let path = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/thresholds.txt"
    for line in text(path).split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard words.count == 3, let limit = Double(words[2]) else {
        throw Failure(status: 65, message: "\(path): '\(line)' is not a capture, a measure and a number")
      }
      limits["\(words[0]) \(words[1])"] = limit
    }
    guard !limits.isEmpty else { throw Failure(status: 66, message: "\(path) names no threshold") }
  }

  mutating func check(_ capture: String, _ measure: String, _ value: Double) throws(Failure) {
    guard let limit = limits["\(capture) \(measure)"] else {
      throw Failure(status: 65, message: "thresholds.txt has no limit for \(capture) \(measure)")
    }
    // A measure that is no number is missed too.
    let isMet = value <= limit
    self.isMet = self.isMet && isMet
    print(row(capture, measure, decimal(value), "at most \(decimal(limit))", isMet ? "met" : "MISSED"))
  }
}

/// A line of the table.
func row(_ columns: String...) -> String {
  zip(columns, [8, 26, 14, 16, 8]).map { column, width in
    column + String(repeating: " ", count: max(1, width - column.count))
  }.joined()
}

/// Up to three decimals; whole numbers without.
func decimal(_ value: Double) -> String {
  guard value.isFinite else { return "none" }
  return value == value.rounded() ? String(Int(value)) : String((value * 1000).rounded() / 1000)
}
