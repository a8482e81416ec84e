/// Why a policy or a rule file cannot be used: everything that is wrong in it, in the order of the file.
package struct PolicyFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package var problems: [PolicyFileProblem]

  package init(_ problems: [PolicyFileProblem]) { self.problems = problems }

  /// One problem per line.
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}
