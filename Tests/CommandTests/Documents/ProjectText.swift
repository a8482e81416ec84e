import Foundation

/// The project's own text files, without hidden folders and build products.
enum ProjectText {
  /// Their paths from the repository's root, sorted.
  static func paths(below folder: String = "", endingIn suffix: String) -> [String] {
    let root = Command.repository.standardizedFileURL.path
    let start = folder.isEmpty ? root : root + "/" + folder
    guard let found = FileManager.default.enumerator(atPath: start) else { return [] }
    var paths: [String] = []
    while let path = found.nextObject() as? String {
      if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
        found.skipDescendants()
      } else if path.hasSuffix(suffix) {
        paths.append(folder.isEmpty ? path : folder + "/" + path)
      }
    }
    return paths.sorted()
  }

  static func read(_ path: String) throws -> String {
    try String(contentsOf: Command.repository.appending(path: path), encoding: .utf8)
  }
}
