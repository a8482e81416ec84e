package import Policy
package import TextFiles
import Yams

/// Options of a command in YAML: `buffer: 64`, `control: true`, `alerts: [a.ndjson, b.ndjson]`. The names are those of
/// the command line, without the dashes.
package struct OptionsFile: Sendable {
  package enum Kind: Sendable { case flag, value, list }

  /// What the file says of one option.
  package struct Entry: Sendable {
    package var name: String
    /// With origins such as `options.yaml:3`. `true` or `false` of a flag.
    package var values: [Stated<String>]
  }

  /// In the order of the file.
  package private(set) var entries: [Entry] = []

  /// Reads the text of such a file. Throws everything that is wrong with it.
  /// - Parameters:
  ///   - known: the options that there are.
  ///   - nearest: the known name that is most like one that is not known.
  package init(
    _ text: String, fileName: String, known: [String: Kind], nearest: (String) -> String?
  ) throws(PolicyFileError) {
    var reader = YAMLReader(file: fileName)
    if let root = reader.root(of: text) {
      for (name, key, value) in reader.pairs(of: root, in: "a file of options") {
        guard let kind = known[name] else {
          let hint = nearest(name).map { "; the nearest is \($0)" } ?? ""
          reader.report("there is no option \(quoted(name))\(hint)", at: key)
          continue
        }
        entries.append(Entry(name: name, values: reader.values(of: value, name, kind)))
      }
    }
    try reader.throwProblems()
  }

  /// Reads such a file from disk.
  package static func read(
    _ path: String, known: [String: Kind], nearest: (String) -> String?
  ) throws(PolicyFileError) -> OptionsFile {
    try OptionsFile(yamlText(of: path), fileName: path, known: known, nearest: nearest)
  }
}

extension YAMLReader {
  fileprivate mutating func values(of node: Node, _ name: String, _ kind: OptionsFile.Kind) -> [Stated<String>] {
    let nodes = kind == .list ? items(of: node) : [node]
    return nodes.compactMap { node in
      let text = kind == .flag ? flag(node, name).map { "\($0)" } : text(node, name)
      guard let text else { return nil }
      guard !text.utf8.contains(0) else {
        report("\(name) holds a NUL byte; remove it", at: node)
        return nil
      }
      return Stated(text, origin: origin(of: node))
    }
  }
}
