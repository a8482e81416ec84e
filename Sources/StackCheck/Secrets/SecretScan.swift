/// Finds the secrets in a text: values of names that say so, passwords in URLs, WireGuard keys. In doubt it takes too
/// much. One pass: what is looked at and not taken is short (`farthest`), and what is taken is not looked at again, so
/// that no text takes long.
struct SecretScan {
  /// What the text is, which decides where a value without quotes ends.
  enum Form {
    /// Commands of a shell: at a blank or an operator.
    case script
    /// YAML, an environment file, wg0.conf, or a command whose quotes are gone: at the end of the line.
    case data
    /// A sentence that quotes such texts: a name with a colon may be a sentence's word.
    case sentence
  }

  /// How far a sign is looked for that shows a value: no URL's user and no user of an option is longer.
  private static let farthest = 1024

  let text: [Unicode.Scalar]
  let form: Form
  /// The values, in the order of the text; none touches another.
  private(set) var found: [Range<Int>] = []

  init(_ text: [Unicode.Scalar], _ form: Form) {
    self.text = text
    self.form = form
    var position = 0
    while position < text.count { position = max(step(at: position), position + 1) }
    findKeys()
    join()
  }

  func scalar(_ position: Int) -> Unicode.Scalar? { text.indices.contains(position) ? text[position] : nil }

  /// The first position from here on, or the end, at which the condition holds.
  func skip(_ position: Int, until condition: (Unicode.Scalar) -> Bool) -> Int {
    var position = position
    while position < text.count, !condition(text[position]) { position += 1 }
    return position
  }

  func lineEnd(_ position: Int) -> Int { skip(position) { $0 == "\n" } }

  /// Looks at what begins at a position. Returns where to go on.
  private mutating func step(at start: Int) -> Int {
    if text[start] == ":", scalar(start + 1) == "/", scalar(start + 2) == "/" { return address(start + 3) }
    if text[start] == "$", scalar(start + 1) == "{" { return expansion(start + 2) }
    guard SecretName.isPart(text[start]) else { return start + 1 }
    let end = skip(start) { !SecretName.isPart($0) }
    let name = text[start..<end]
    if let user = userOption(name, end) { return user }
    if let key = unsignedKey(start, end) { return key }
    guard SecretName.isSecret(name) else { return end }
    if let value = value(of: start..<end) { return record(value) }
    if name.first == "-" { return record(argument(after: end)) }
    return end
  }

  /// Records a value. Returns where it ends.
  private mutating func record(_ value: Range<Int>) -> Int {
    if !value.isEmpty, !isReference(value) { found.append(value) }
    return value.upperBound
  }

  /// Whether a value only names a variable, as `${KEY}`, and so says nothing.
  private func isReference(_ value: Range<Int>) -> Bool {
    var inner = text[value].drop { $0 == "\"" || $0 == " " }
    while let last = inner.last, last == "\"" || last == " " || last == "\r" { inner.removeLast() }
    guard inner.popFirst() == "$" else { return false }
    if inner.first == "{", inner.last == "}" { inner = inner.dropFirst().dropLast() }
    return !inner.isEmpty && inner.allSatisfy { SecretName.isPart($0) && $0 != "-" && $0 != "." }
  }

  /// User and password of a URL whose host begins here or after them.
  private mutating func address(_ start: Int) -> Int {
    let isEnd: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || "\"'`<>,".unicodeScalars.contains($0) }
    let word = text[start...].prefix(Self.farthest).prefix { !isEnd($0) }
    let end = word.endIndex
    let host = word.firstIndex { "/?#".unicodeScalars.contains($0) } ?? end
    var at = text[start..<min(host, end)].lastIndex(of: "@")
    // A password with a slash in it is no URL, but written all the same.
    if at == nil, let colon = text[start..<min(host, end)].firstIndex(of: ":"),
      !text[(colon + 1)..<min(host, end)].allSatisfy({ ("0"..."9").contains($0) })
    {
      at = text[start..<end].lastIndex(of: "@")
    }
    guard let at else { return start }
    return record(start..<at)
  }

  /// `${KEY:-default}` and its kin.
  private mutating func expansion(_ start: Int) -> Int {
    let end = skip(start) { !SecretName.isPart($0) || $0 == "-" || $0 == "." }
    guard SecretName.isSecret(text[start..<end]) else { return start }
    var value = end
    if scalar(value) == ":" { value += 1 }
    guard let sign = scalar(value), "-=+".unicodeScalars.contains(sign) else { return end }
    var depth = 1
    let close = skip(value + 1) { scalar in
      if scalar == "{" { depth += 1 }
      if scalar == "}" { depth -= 1 }
      return depth == 0
    }
    return record((value + 1)..<close)
  }

  /// The password behind `-u user:` and `--user user:`, as curl has it; numbers are a container's user and group.
  private mutating func userOption(_ name: ArraySlice<Unicode.Scalar>, _ end: Int) -> Int? {
    let options = ["-u", "-U", "--user", "--proxy-user"]
    guard options.contains(where: { name.elementsEqual($0.unicodeScalars) }) else { return nil }
    let option = scalar(end) == "=" ? end + 1 : end
    let start = argumentStart(after: option)
    let near = text[start...].prefix(Self.farthest)
    let isQuoted = start > option && (text[start - 1] == "\"" || text[start - 1] == "'")
    let user = near.prefix { $0 != "\n" && (isQuoted ? $0 != text[start - 1] : !$0.properties.isWhitespace) }
    guard let colon = user.firstIndex(of: ":"), !user.allSatisfy({ ("0"..."9").contains($0) || $0 == ":" }) else {
      return nil
    }
    return record((colon + 1)..<max(colon + 1, argument(after: option).upperBound))
  }

  /// The rest of a line that begins with the name of a WireGuard key, whose sign was forgotten.
  private mutating func unsignedKey(_ start: Int, _ end: Int) -> Int? {
    guard form != .sentence, text[..<start].last(where: { $0 != " " && $0 != "\t" }).map({ $0 == "\n" }) ?? true else {
      return nil
    }
    for name in ["privatekey", "presharedkey"] where end - start >= name.count {
      guard zip(text[start...], name.unicodeScalars).allSatisfy({ $0.properties.lowercaseMapping == String($1) }) else {
        continue
      }
      let rest = start + name.count
      // Where the sign is there, it divides the name from the value.
      let sign = skip(rest) { $0 != " " && $0 != "\t" }
      if rest == end, scalar(sign) == "=" || scalar(sign) == ":" { return nil }
      let value = rest == end ? sign : rest
      return record(value..<max(value, lineEnd(value)))
    }
    return nil
  }

  /// WireGuard keys, and longer texts in base64 that end with a sign, wherever they stand.
  private mutating func findKeys() {
    var position = 0
    while position < text.count {
      guard SecretName.isBase64(text[position]) else {
        position += 1
        continue
      }
      let end = skip(position) { !SecretName.isBase64($0) }
      let isKey = end - position >= 43 && scalar(end) == "="
      if isKey { found.append(position..<skip(end) { $0 != "=" }) }
      position = end
    }
  }

  private mutating func join() {
    found.sort { $0.lowerBound < $1.lowerBound }
    found = found.reduce(into: []) { joined, range in
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
  }
}
