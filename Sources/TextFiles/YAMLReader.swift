package import Yams

/// Reads a YAML document field by field and collects what is wrong, with line and column.
///
/// Values are taken from the text as written, never by YAML's own typing: `no` stays a text, 02:42:ac:11:00:02 is not a
/// number to the base 60, and this program decides what a date is. If a value may be a list, a single value is a list
/// of one, and nothing at all is an empty list.
package struct YAMLReader {
  package var problems: ProblemList
  /// Whether filters are compiled while reading; if not, at their first use.
  package var compilesFilters = true

  package init(file: String) { problems = ProblemList(file: file) }

  package var file: String { problems.file }

  /// Throws the problems in the order of the file: a map's unknown fields are found before its values.
  package func throwProblems() throws(PolicyFileError) {
    guard !problems.isEmpty else { return }
    throw PolicyFileError(
      problems.all.sorted { ($0.line ?? .max, $0.column ?? 0) < ($1.line ?? .max, $1.column ?? 0) })
  }

  /// What is wrong, and what to do, at the place of the node.
  package mutating func report(_ message: String, at node: Node) {
    problems.report(message, line: node.mark?.line, column: node.mark?.column)
  }

  package func origin(of node: Node) -> String { node.mark.map { "\(file):\($0.line)" } ?? file }

  // MARK: - Shapes

  /// The fields of a map, by name. Reports a node that is no map, and every field that `known` does not name.
  package mutating func fields(of node: Node, in place: String, known: [String]) -> [String: Node]? {
    guard case .mapping(let mapping) = node else {
      report("\(place) must be a map of names and values; known are: \(known.joined(separator: ", "))", at: node)
      return nil
    }
    var fields: [String: Node] = [:]
    for (key, value) in mapping {
      guard case .scalar(let name) = key, known.contains(name.string) else {
        let written = key.scalar.map { quoted($0.string) } ?? "key that is not a text"
        report("\(place) has no field \(written); known are: \(known.joined(separator: ", "))", at: key)
        continue
      }
      fields[name.string] = value
    }
    return fields
  }

  /// The pairs of a map whose keys the user chooses. Reports a node that is no map, and returns none.
  package mutating func pairs(of node: Node, in place: String) -> [(key: String, keyNode: Node, value: Node)] {
    if isNothing(node) { return [] }
    guard case .mapping(let mapping) = node else {
      report("\(place) must be a map of names and values", at: node)
      return []
    }
    return mapping.compactMap { key, value in
      guard case .scalar(let name) = key else {
        report("a name in \(place) must be a text", at: key)
        return nil
      }
      return (name.string, key, value)
    }
  }

  package func items(of node: Node) -> [Node] {
    switch node {
    case .sequence(let sequence): Array(sequence)
    default: isNothing(node) ? [] : [node]
    }
  }

  /// An empty plain value, `~` or `null`.
  package func isNothing(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  // MARK: - Values

  /// The text of a scalar, without white space around it. Reports lists, maps and empty texts.
  package mutating func text(_ node: Node, _ name: String) -> String? {
    guard case .scalar(let scalar) = node else {
      report("\(name) must be a single value, not a list or a map", at: node)
      return nil
    }
    let text = trimmed(scalar.string)
    guard !text.isEmpty, !isNothing(node) else {
      report("\(name) has no value; give it one or remove the line", at: node)
      return nil
    }
    return text
  }

  /// A text for people, on one line however it was folded. Reports control characters, because the text goes to
  /// terminals.
  package mutating func sentence(_ node: Node, _ name: String) -> String? {
    guard let text = text(node, name) else { return nil }
    let line = onOneLine(text)
    // Looking up every scalar's category would be most of the cost of reading a rule.
    if line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return line }
    guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      report("\(name) holds control characters; remove them", at: node)
      return nil
    }
    return line
  }

  /// A short name that goes into reports and JSON.
  package mutating func identifier(_ node: Node, _ name: String) -> String? {
    guard let text = text(node, name) else { return nil }
    let fits = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    guard fits, text.utf8.count <= 64 else {
      report("\(name) \(quoted(text)) may hold only letters, digits, '.', '-' and '_', at most 64", at: node)
      return nil
    }
    return text
  }

  package mutating func flag(_ node: Node, _ name: String) -> Bool? {
    guard let text = text(node, name) else { return nil }
    guard let flag = Bool(text.lowercased()) else {
      report("\(name) is \(quoted(text)); write true or false", at: node)
      return nil
    }
    return flag
  }

  /// A value that has one spelling, such as an address; `form` describes it.
  package mutating func value<Value: LosslessStringConvertible>(_ node: Node, _ name: String, form: String) -> Value? {
    guard let text = text(node, name) else { return nil }
    guard let value = Value(text) else {
      report("\(name) holds \(quoted(text)); write \(form)", at: node)
      return nil
    }
    return value
  }

  /// One of a short list of words.
  package mutating func choice<Value: RawRepresentable & CaseIterable>(_ node: Node, _ name: String) -> Value?
  where Value.RawValue == String {
    guard let text = text(node, name) else { return nil }
    guard let value = Value(rawValue: text) else {
      let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
      report("\(name) is \(quoted(text)); it must be one of: \(words)", at: node)
      return nil
    }
    return value
  }
}

/// A text that was folded over lines, on one line, with one space in place of any white space.
package func onOneLine(_ text: String) -> String {
  guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
  var line: [UInt8] = []
  line.reserveCapacity(text.utf8.count)
  for byte in text.utf8 {
    if !isSpace(byte) { line.append(byte) } else if line.last != 0x20, !line.isEmpty { line.append(0x20) }
  }
  if line.last == 0x20 { line.removeLast() }
  return String(decoding: line, as: UTF8.self)
}
