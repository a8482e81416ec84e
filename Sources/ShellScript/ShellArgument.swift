package struct ShellArgument: Hashable, Sendable {
  /// Nil if only running the script would tell.
  package var value: String?
  /// As written in the script.
  package var written: String

  package init(_ value: String?, written: String) {
    self.value = value
    self.written = written
  }
}
