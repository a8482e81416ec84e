/// A script that another one runs or reads.
package struct ShellFile: Sendable {
  /// The name that messages use.
  package var name: String
  package var text: String
  /// Whether it may be run by its path.
  package var isExecutable: Bool

  package init(name: String, text: String, isExecutable: Bool) {
    self.name = name
    self.text = text
    self.isExecutable = isExecutable
  }
}
