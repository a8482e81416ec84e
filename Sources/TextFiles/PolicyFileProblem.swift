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
