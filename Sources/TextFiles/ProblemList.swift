/// Problems as they are found. After the first hundred they are only counted, so that a file of nothing but mistakes
/// cannot fill the memory.
package struct ProblemList {
  package static let limit = 100

  package let file: String
  package private(set) var first: [PolicyFileProblem] = []
  private var unlisted = 0

  package init(file: String) { self.file = file }

  package var isEmpty: Bool { first.isEmpty }

  package mutating func report(_ message: String, line: Int? = nil, column: Int? = nil) {
    if first.count < Self.limit {
      first.append(PolicyFileProblem(file: file, line: line, column: column, message: message))
    } else {
      unlisted += 1
    }
  }

  /// The problems that were found, with one more entry for those that were only counted.
  package var all: [PolicyFileProblem] {
    guard unlisted > 0 else { return first }
    return first + [PolicyFileProblem(file: file, message: "\(unlisted) more problems are not listed")]
  }
}
