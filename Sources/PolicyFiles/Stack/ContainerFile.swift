import ComposeFiles
import TextFiles

/// A file inside of a container, and where its text is.
struct ContainerFile {
  /// The path inside of the container.
  var target: String
  var source: Source

  enum Source: Equatable {
    /// A path of this machine.
    case path(String)
    /// The text itself, from `configs` of the compose file, and a name for it.
    case text(String, name: String)
  }

  /// The name that messages use.
  var name: String {
    switch source {
    case .path(let path): path
    case .text(_, let name): name
    }
  }

  /// Throws if it cannot be read, is larger than 1 MiB, or is a pipe: a container may have made one to keep a reader
  /// waiting.
  func text() throws(PolicyFileProblem) -> String {
    switch source {
    case .path(let path):
      guard TextFile.isOrdinary(path) else {
        throw PolicyFileProblem(file: path, message: "this is not a regular file; copy it into one")
      }
      return String(decoding: try TextFile.bytes(of: path), as: UTF8.self)
    case .text(let text, _): return text
    }
  }
}
