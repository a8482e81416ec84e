/// A place in a file that people write.
package struct SourcePlace: Hashable, Sendable {
  /// The file's name as the user gave it, or relative to a file that the user gave.
  package var file: String
  /// Counted from 1; nil if the file as a whole is meant.
  package var line: Int?

  package init(_ file: String, line: Int? = nil) {
    self.file = file
    self.line = line
  }
}

extension SourcePlace: CustomStringConvertible {
  /// `docker-compose.yaml:12`, as the origins of a policy's statements are written.
  package var description: String { line.map { "\(file):\($0)" } ?? file }
}
