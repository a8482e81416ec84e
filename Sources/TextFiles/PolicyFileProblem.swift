/// One thing that is wrong in a file that people write: where, what, and what to do about it.
package struct PolicyFileProblem: Error, Hashable, Sendable {
  /// The file's name as the user gave it.
  package var file: String
  /// Counted from 1; nil if the file as a whole is meant.
  package var line: Int?
  /// Counted from 1 in Unicode scalars; nil if the line as a whole is meant.
  package var column: Int?
  /// What was wrong; what it means; what to do.
  package var message: String

  package init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }
}

extension PolicyFileProblem: CustomStringConvertible {
  /// `file:line:column: message`, as compilers write it, so that editors can jump there.
  package var description: String {
    let place = [line, column].compactMap { $0.map(String.init) }
    return ([file] + place).joined(separator: ":") + ": " + message
  }
}

/// Why a policy or a rule file cannot be used: everything that is wrong in it, in the order of the file.
package struct PolicyFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package var problems: [PolicyFileProblem]

  package init(_ problems: [PolicyFileProblem]) { self.problems = problems }

  /// One problem per line.
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}

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
