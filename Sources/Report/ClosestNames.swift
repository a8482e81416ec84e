import Policy

/// Suggestions for a name that is not known.
package enum ClosestNames {
  /// The three nearest names: few different letters, and preferably the same beginning.
  package static func of(_ name: String, in names: [String]) -> [String] {
    let name = String(name.prefix(64))
    let family = name.prefix { $0 != "." }
    func distance(_ other: String) -> Int {
      edits(name, other) - (other == family ? 4 : other.hasPrefix(family) ? 2 : 0)
    }
    let ranked = names.map { (name: $0, distance: distance($0)) }.sorted {
      ($0.distance, $0.name) < ($1.distance, $1.name)
    }
    return ranked.prefix(3).map(\.name)
  }

  /// Letters to insert, delete or replace (Levenshtein).
  private static func edits(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, letter) in left.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (right[column] == letter ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
