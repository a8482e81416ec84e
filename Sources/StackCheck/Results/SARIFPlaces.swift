import Foundation
import TextFiles

/// Places as code hosts show them: relative to the repository's root, with the columns of the line's text.
struct SARIFPlaces {
  private let folder: String
  private let root: String
  private let lines: SourceLines

  struct Columns {
    /// In Unicode code points, counted from 1; the end is one past the last.
    var start, end: Int
  }

  /// `folder` is the working directory, as an absolute path.
  init(_ lines: SourceLines, folder: String = FileManager.default.currentDirectoryPath) {
    self.lines = lines
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
  func columns(of place: SourcePlace) -> Columns? {
    lines[place]?.content.map { Columns(start: $0.lowerBound + 1, end: $0.upperBound + 1) }
  }

  /// Whether the line numbers are the file's own.
  func holdsLines(_ name: String) -> Bool { !file(name).isPart }
}
