import TextFiles

/// A `.env` file, or one that `env_file` names: one `NAME=value` per line, as Compose reads them.
struct EnvironmentFile {
  struct Variable {
    var name: String
    /// Nil for a name alone, which takes its value from outside or is absent.
    var value: String?
    var place: SourcePlace
  }

  /// The longest list of variables, in entries.
  static let variableLimit = 20_000
  /// The limit for the values of one file in total, in bytes.
  static let sizeLimit = 4 << 20

  private(set) var variables: [Variable] = []
  private(set) var warnings: [PolicyFileProblem] = []

  private let file: String
  private let text: [UInt8]
  private let fillsIn: Bool
  private var position = 0
  private var line = 1
  private var known: [String: String] = [:]
  private var size = 0

  /// `fillsIn` is false for `format: raw`, whose values are taken as they are. If values refer to variables, `lookup`
  /// wins over earlier lines of the file.
  init(
    _ text: String, file: String, fillsIn: Bool = true, _ lookup: (String) -> String?
  ) throws(PolicyFileProblem) {
    self.file = file
    self.fillsIn = fillsIn
    let text = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
    self.text = Array(text.utf8.filter { $0 != 0x0D })
    while let start = nextStatement() {
      let place = SourcePlace(file, line: start)
      guard let (name, hasValue) = try name() else { continue }
      guard variables.count < Self.variableLimit else {
        throw problem(start, "it holds more than \(Self.variableLimit) variables; is it the right file?")
      }
      let value = hasValue ? try value(lookup, at: start) : lookup(name)
      size += value?.utf8.count ?? 0
      guard size <= Self.sizeLimit else {
        throw problem(start, "its values come to more than 4 MiB; is it the right file?")
      }
      variables.append(Variable(name: name, value: value, place: place))
      if let value { known[name] = value }
    }
  }

  private func problem(_ line: Int, _ message: String) -> PolicyFileProblem {
    PolicyFileProblem(file: file, line: line, message: message)
  }

  private var byte: UInt8? { position < text.count ? text[position] : nil }

  private mutating func step() {
    if byte == 0x0A { line += 1 }
    position += 1
  }

  private mutating func skipLine() {
    while let byte, byte != 0x0A { position += 1 }
  }

  /// Skips blank lines and comments. Returns the line on which the next statement starts.
  private mutating func nextStatement() -> Int? {
    while let byte {
      switch byte {
      case 0x20, 0x09, 0x0A: step()
      case UInt8(ascii: "#"): skipLine()
      default: return line
      }
    }
    return nil
  }

  /// A name, with or without `export` before it, and whether a value follows. Nil for an `export` alone.
  private mutating func name() throws(PolicyFileProblem) -> (String, hasValue: Bool)? {
    let start = position
    while let byte, byte != 0x0A, byte != UInt8(ascii: "="), byte != UInt8(ascii: ":") { position += 1 }
    let hasValue = byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":")
    var name = trimmed(String(decoding: text[start..<position], as: UTF8.self))
    if hasValue { position += 1 }
    if name == "export" { name = "" }
    if name.hasPrefix("export ") || name.hasPrefix("export\t") { name = trimmed(String(name.dropFirst(7))) }
    let fits = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "_.-[]".utf8.contains(byte)
      }
    }
    guard fits else { throw problem(line, "\(quoted(name)) is not the name of a variable; write NAME=value") }
    guard !name.isEmpty else {
      guard !hasValue else { throw problem(line, "a value has no name before it; write NAME=value") }
      return nil
    }
    return (name, hasValue)
  }

  private mutating func value(
    _ lookup: (String) -> String?, at start: Int
  ) throws(PolicyFileProblem) -> String {
    while byte == 0x20 || byte == 0x09 { position += 1 }
    guard fillsIn else {
      let from = position
      skipLine()
      return String(decoding: text[from..<position], as: UTF8.self)
    }
    switch byte {
    case UInt8(ascii: "'"): return try quotedValue(UInt8(ascii: "'"), at: start)
    case UInt8(ascii: "\""):
      return try expanded(Self.unescaped(quotedValue(UInt8(ascii: "\""), at: start)), lookup, start)
    default:
      let from = position
      skipLine()
      var value = String(decoding: text[from..<position], as: UTF8.self)
      if let comment = value.firstRange(of: " #") { value = String(value[..<comment.lowerBound]) }
      return try expanded(trimmed(value), lookup, start)
    }
  }

  /// Reads to the closing quote, across lines, too. A backslash keeps a quote from closing; before anything else it
  /// stays.
  private mutating func quotedValue(_ quote: UInt8, at start: Int) throws(PolicyFileProblem) -> String {
    step()
    var value: [UInt8] = []
    while let byte {
      step()
      if byte == quote { return String(decoding: value, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), let next = self.byte {
        step()
        if next != quote { value.append(byte) }
        value.append(next)
      } else {
        value.append(byte)
      }
    }
    throw problem(start, "a quote opens here and never closes; close it")
  }

  private mutating func expanded(
    _ value: String, _ lookup: (String) -> String?, _ start: Int
  ) throws(PolicyFileProblem) -> String {
    let known = self.known
    do throws(ComposeTemplate.Failure) {
      let (text, unset) = try ComposeTemplate.expand(value) { lookup($0) ?? known[$0] }
      for name in unset where warnings.count < ProblemList.limit {
        warnings.append(problem(start, "the variable \(quoted(name)) is not set; it counts as empty"))
      }
      return text
    } catch {
      throw problem(start, error.reason)
    }
  }

  /// The escapes of a shell's `$'…'`; `\$` becomes `$$`, which filling in turns into a dollar sign.
  private static func unescaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
      guard isEscaped else {
        if scalar == "\\" { isEscaped = true } else { result.append(scalar) }
        continue
      }
      isEscaped = false
      switch scalar {
      case "n": result.append("\n")
      case "r": result.append("\r")
      case "t": result.append("\t")
      case "a": result.append("\u{7}")
      case "b": result.append("\u{8}")
      case "f": result.append("\u{C}")
      case "v": result.append("\u{B}")
      case "\"", "\\": result.append(scalar)
      case "$": result.append(contentsOf: "$$".unicodeScalars)
      default:
        result.append("\\")
        result.append(scalar)
      }
    }
    if isEscaped { result.append("\\") }
    return String(result)
  }
}
