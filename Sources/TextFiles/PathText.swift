/// Paths as texts, without asking the file system.
package enum PathText {
  /// `path` as seen from `folder`; a path from the root stays what it is.
  package static func join(_ folder: String, _ path: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? clean(path) : clean(folder + "/" + path)
  }

  /// The folder that holds the file; empty for a name alone.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path as it may appear in a message. Unlike other text, a path is never taken for a key.
  package static func shown(_ path: String) -> String {
    let scalars = path.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
    return "'" + String(String.UnicodeScalarView(scalars.suffix(200))) + "'"
  }

  /// Without `.`, doubled and trailing slashes; a `..` removes the name before it.
  package static func clean(_ path: String) -> String {
    let isAbsolute = path.hasPrefix("/")
    var names: [Substring] = []
    for name in path.split(separator: "/") where name != "." {
      if name != ".." {
        names.append(name)
      } else if let last = names.last, last != ".." {
        names.removeLast()
      } else if !isAbsolute {
        names.append(name)
      }
    }
    let joined = names.joined(separator: "/")
    return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
  }
}
