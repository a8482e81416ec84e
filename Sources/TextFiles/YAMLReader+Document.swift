package import Yams

extension YAMLReader {
  /// The root of the text's one document. Nil with a problem if the text is too large, is no YAML, holds a key twice,
  /// or expands beyond bounds.
  ///
  /// libyaml stops at its first error, and Yams at the first map with a key twice. These hide what follows them.
  /// Nesting is bounded by libyaml (1000 levels).
  ///
  /// A caller that walks the nodes and counts them may ask for shared aliases. Then only what Yams itself walks is
  /// bounded, and a file may use its anchors as often as it likes.
  package mutating func root(of text: String, sharesAliases: Bool = false) -> Node? {
    do {
      try TextFile.checkSize(text.utf8.count, of: file)
    } catch {
      problems.report(error.message)
      return nil
    }
    // A byte order mark precedes a text, and is no part of it.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let shape = YAMLShape(of: text)
    let isBounded = sharesAliases && !shape.hasAliasInKey && shape.depth <= Self.largestDepth
    guard isBounded || shape.size <= Self.largestExpansion else {
      problems.report("its anchors and aliases expand to more than 64 MiB; write the values out")
      return nil
    }
    do {
      guard let root = try Yams.compose(yaml: text, .basic, .default, .utf8), !isNothing(root) else {
        problems.report("the file states nothing; is it the right file?")
        return nil
      }
      return root
    } catch let error as YamlError {
      report(error, in: text)
    } catch {
      problems.report("it cannot be read as YAML: \(error)")
    }
    return nil
  }

  /// In bytes.
  private static let largestExpansion = 1 << 26

  /// The nested levels that can be released without filling a thread's stack.
  private static let largestDepth = 1 << 14

  private mutating func report(_ error: YamlError, in text: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let context = context.map { " (" + $0.text + ")" } ?? ""
      problems.report("this is not YAML: \(problem)\(context)", line: mark.line, column: mark.column)
    case .reader(let problem, let offset, _, _):
      let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
      problems.report("this is not YAML: \(problem)", line: line)
    case .duplicatedKeysInMapping(let keys, let context):
      let keys = keys.map { quoted($0) }.joined(separator: ", ")
      problems.report(
        "one map holds the key \(keys) twice; merge the two", line: context.mark.line, column: context.mark.column)
    case .memory: problems.report("there is not enough memory to read it")
    default: problems.report("it cannot be read as YAML")
    }
  }
}
