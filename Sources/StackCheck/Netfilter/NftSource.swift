import TextFiles

/// How nft(8) prepares a text before it reads commands: included files replace their names, and values replace the
/// names that are defined for them.
struct NftSource {
  private(set) var tokens: [NftTokens.Token] = []
  private(set) var included: [String] = []
  /// What stops nft here, or is not followed.
  private(set) var problem: (place: SourcePlace, text: String, reason: String)?
  private let files: (String) -> ScriptHost.ReadText?
  private var definitions: [String: [NftTokens.Token]] = [:]

  private static let mostTokens = 100_000
  private static let deepestInclusion = 8

  init(_ tokens: NftTokens, files: @escaping (String) -> ScriptHost.ReadText?) {
    self.files = files
    add(tokens.rest, depth: 0)
  }

  private mutating func stop(_ token: NftTokens.Token, _ text: String, _ reason: String) {
    if problem == nil { problem = (SourcePlace(token.file, line: token.line), text, reason) }
  }

  private mutating func add(_ text: ArraySlice<NftTokens.Token>, depth: Int) {
    var rest = NftTokens(text)
    var isStart = true
    while let token = rest.rest.first, problem == nil {
      let word = token.isQuoted ? "" : token.text
      if isStart, ["define", "redefine", "undefine", "include"].contains(word) {
        var statement = rest.statement()
        statement.take()
        if word == "include" {
          include(statement, at: token, depth: depth)
        } else {
          define(statement, at: token, by: word)
        }
        continue
      }
      rest.take()
      if word.hasPrefix("$") {
        guard let value = definitions[String(word.dropFirst())] else {
          return stop(token, word, "nothing that is read before it defines this name")
        }
        tokens += value.map {
          NftTokens.Token(text: $0.text, file: token.file, line: token.line, isQuoted: $0.isQuoted)
        }
      } else {
        tokens.append(token)
      }
      guard tokens.count <= Self.mostTokens else { return stop(token, word, "it is longer than is followed") }
      isStart = ["\n", ";", "{", "}"].contains(word)
    }
  }

  /// Reads `name = value`. The value may be a set in braces, and may use other names.
  private mutating func define(_ statement: NftTokens, at token: NftTokens.Token, by verb: String) {
    var statement = statement
    let name = statement.take()
    let text = "\(verb) \(name)"
    let isThere = definitions[name] != nil
    guard !name.isEmpty, isThere == (verb != "define") else {
      return stop(token, text, isThere ? "it is defined already" : "it is not defined before")
    }
    if verb == "undefine" {
      definitions[name] = nil
      return
    }
    guard statement.skip("="), statement.next != nil else { return stop(token, text, "this form is not read") }
    var value: [NftTokens.Token] = []
    for word in statement.rest {
      if !word.isQuoted, word.text.hasPrefix("$") {
        guard let inner = definitions[String(word.text.dropFirst())] else {
          return stop(word, text, "'\(word.text)' is not defined before it")
        }
        value += inner
      } else {
        value.append(word)
      }
      guard value.count <= Self.mostTokens / 10 else { return stop(word, text, "it is longer than is followed") }
    }
    definitions[name] = value
  }

  private mutating func include(_ statement: NftTokens, at token: NftTokens.Token, depth: Int) {
    let path = statement.rest.first?.text ?? ""
    let text = "include \(path)"
    guard statement.rest.count == 1, path.hasPrefix("/"), !path.contains(where: "*?[".contains) else {
      return stop(token, text, "which files these are is not known before it runs")
    }
    guard depth < Self.deepestInclusion else { return stop(token, text, "it includes more than is followed") }
    guard let file = files(path) else { return stop(token, text, "the file is not among the mounted ones") }
    included.append(file.name)
    add(NftTokens(file.text, file: file.name, firstLine: file.line).rest, depth: depth + 1)
    tokens.append(.init(text: "\n", file: token.file, line: token.line))
  }
}
