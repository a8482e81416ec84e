import Foundation
import PolicyFiles

/// Places as code hosts show them: relative to the repository's root, with the columns of the line's text.
final class SARIFPlaces {
  private let folder: String
  private let root: String
  private var lines: [String: [String]] = [:]

  struct Columns {
    /// In Unicode code points, counted from 1; the end is one past the last.
    var start, end: Int
  }

  /// `folder` is the working directory, as an absolute path.
  init(folder: String = FileManager.default.currentDirectoryPath) {
    self.folder = folder
    root = Self.repository(around: folder) ?? folder
  }

  /// The enclosing folder that git takes for the repository's root: it holds a `.git`.
  private static func repository(around folder: String) -> String? {
    var folder = folder
    while true {
      if TextFile.kind(of: folder == "/" ? "/.git" : folder + "/.git") != .nothing { return folder }
      guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
  }

  /// The file that a finding's place names; for a text inside a compose file, the compose file.
  private func file(_ name: String) -> (path: String, isPart: Bool) {
    guard let sign = name.range(of: "#/"), TextFile.kind(of: name) == .nothing else { return (name, false) }
    return (String(name[..<sign.lowerBound]), true)
  }

  /// A relative reference if the file is in the repository, else one from the root. What a URI cannot hold is
  /// percent-encoded.
  func reference(to name: String) -> String {
    let path = TextFile.fromRoot(file(name).path, in: folder)
    func encoded(_ text: some StringProtocol) -> String {
      // A colon in the first segment would end a scheme.
      var allowed = CharacterSet.urlPathAllowed
      allowed.remove(":")
      return String(text).addingPercentEncoding(withAllowedCharacters: allowed) ?? "unnamed"
    }
    guard TextFile.isInside(path, of: root), path != root else { return "file://" + encoded(path) }
    return encoded(path.dropFirst(root == "/" ? 1 : root.count + 1))
  }

  /// The columns of a line's text, without the blanks around it; nil if the file has no such line.
  func columns(of name: String, line: Int) -> Columns? {
    let (path, isPart) = file(name)
    guard !isPart, line >= 1, lines(of: path).indices.contains(line - 1) else { return nil }
    let scalars = Array(lines(of: path)[line - 1].unicodeScalars)
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return nil }
    return Columns(start: first + 1, end: last + 2)
  }

  /// Whether the line numbers are the file's own.
  func holdsLines(_ name: String) -> Bool { !file(name).isPart }

  private func lines(of path: String) -> [String] {
    if let known = lines[path] { return known }
    var read: [String] = []
    if TextFile.kind(of: path) == .file, let bytes = try? TextFile.bytes(of: path) {
      let text = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      read = text.map { String(decoding: $0, as: UTF8.self) }
    }
    lines[path] = read
    return read
  }
}
