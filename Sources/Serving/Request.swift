/// A request to a site that has passed the check (`AccessCheck`).
package struct Request: Sendable {
  package var path: String
  package var query: [String: String]

  package init(_ target: String) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    query = [:]
    guard parts.count == 2 else { return }
    for pair in parts[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[String(sides[0])] = sides.count == 2 ? String(sides[1]) : ""
    }
  }
}
