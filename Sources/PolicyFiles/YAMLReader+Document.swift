import Yams

extension YAMLReader {
  /// The root of the text's one document. Nil with a problem where the text is too large, no YAML, holds a
  /// key twice, or would expand without bounds.
  ///
  /// libyaml stops at its first error and Yams at the first map with a key twice, so these hide what follows
  /// them. Nesting is bounded by libyaml (1000 levels).
  ///
  /// Whoever walks the nodes and counts them may ask for shared aliases: then only what Yams itself walks is
  /// bounded, and a file may use its anchors as often as it likes.
  mutating func root(of text: String, sharesAliases: Bool = false) -> Node? {
    do {
      try TextFile.checkSize(text.utf8.count, of: file)
    } catch {
      problems.report(error.message)
      return nil
    }
    let isBounded = sharesAliases && !Self.mayHoldAliasInKey(text) && Self.depthBound(of: text) <= Self.largestDepth
    guard isBounded || Self.expansionBound(of: text) <= Self.largestExpansion else {
      problems.report("its anchors and aliases could expand to more than 64 MiB; write the values out")
      return nil
    }
    do {
      guard let root = try Yams.compose(yaml: text, .basic, .default, .utf8), !isNothing(root) else {
        problems.report("the file states nothing; is it the file that was meant?")
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

  /// A bound on the size of the text with every alias written out, in bytes.
  ///
  /// Aliases multiply where they nest: n of them, three to a level, give 3^(n/3) copies, and no other
  /// arrangement gives more. Yams shares the copies but walks every one where it compares keys, so the bound
  /// has to hold before it parses. Anything that looks like an alias counts, also in comments.
  static func expansionBound(of text: String) -> Int {
    var anchors = 0
    var aliases = 0
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"):
        if previous == UInt8(ascii: "&") { anchors += 1 }
        if previous == UInt8(ascii: "*") { aliases += 1 }
      default: break
      }
      previous = byte
    }
    guard anchors > 0 else { return text.utf8.count }
    var bound = text.utf8.count
    while aliases > 0, bound <= largestExpansion {
      bound *= min(aliases, 3)
      aliases -= 3
    }
    return bound
  }

  /// Levels that can be released one in another without filling a thread's stack.
  private static let largestDepth = 1 << 14

  /// Whether an alias could be a key or part of one, which Yams compares with the others of its map. Only then
  /// does Yams walk what aliases share. Keys of more than a scalar follow a `?` or end in a bracket.
  static func mayHoldAliasInKey(_ text: String) -> Bool {
    var previous: UInt8 = 0x0A
    /// The last byte that is no white space, and whether an alias ends there.
    var last: UInt8 = 0
    var isInAlias = false
    var endsAlias = false
    for byte in text.utf8 {
      switch byte {
      case 0x09, 0x0A, 0x0D, 0x20:
        if isInAlias { (isInAlias, endsAlias) = (false, true) }
      case UInt8(ascii: "?") where [0x09, 0x0A, 0x0D, 0x20].contains(previous) || "[{,".utf8.contains(previous):
        return true
      case UInt8(ascii: ":") where endsAlias || isInAlias || last == UInt8(ascii: "]") || last == UInt8(ascii: "}"):
        return true
      default:
        endsAlias = false
        if byte == UInt8(ascii: "*") { isInAlias = true }
        last = byte
      }
      previous = byte
    }
    return false
  }

  /// A bound on how deep nodes nest with aliases written out: what brackets and indentation can nest, once for
  /// every alias that can stand in another's anchor.
  static func depthBound(of text: String) -> Int {
    var brackets = 0
    var indentation = 0
    var deepest = 0
    var isIndentation = true
    var anchors = 0
    var aliases = 0
    var previous: UInt8 = 0
    for byte in text.utf8 {
      switch byte {
      case 0x0A, 0x0D: (isIndentation, indentation) = (true, 0)
      case 0x20, 0x09, UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
        if isIndentation { indentation += 1 }
      default:
        isIndentation = false
        if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") && previous != UInt8(ascii: "$") { brackets += 1 }
        if byte == UInt8(ascii: "&") { anchors += 1 }
        if byte == UInt8(ascii: "*") { aliases += 1 }
      }
      deepest = max(deepest, indentation)
      previous = byte
    }
    // A list may stand in the column of the map that holds it: two levels to a column.
    return min(brackets + 2 * deepest + 2, 1000) * (min(anchors, aliases) + 1)
  }

  private mutating func report(_ error: YamlError, in text: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let context = context.map { " (" + $0.text + ")" } ?? ""
      problems.report("this is no YAML: \(problem)\(context)", line: mark.line, column: mark.column)
    case .reader(let problem, let offset, _, _):
      let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
      problems.report("this is no YAML: \(problem)", line: line)
    case .duplicatedKeysInMapping(let keys, let context):
      let keys = keys.map { quoted($0) }.joined(separator: ", ")
      problems.report(
        "one map holds the key \(keys) twice; merge the two", line: context.mark.line, column: context.mark.column)
    case .memory: problems.report("there is not enough memory to read it")
    default: problems.report("it cannot be read as YAML")
    }
  }
}
