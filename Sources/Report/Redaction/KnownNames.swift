import Summaries

/// Words in texts of which only the audit knows whether they are names.
struct KnownNames: Sendable {
  /// Names in lower case; each is replaced wherever it is a word of a sentence.
  private(set) var names: Set<String>
  /// Names with characters that no word has, the longest first.
  private(set) var phrases: [String] = []
  /// Words that look like names but are not: rules, and the files that the policy was read from.
  private(set) var words: Set<String>
  /// The directories of those files, the longest first: a home directory has its owner's name.
  private(set) var directories: [String]

  init(_ policy: PolicyDocument) {
    names = []
    words = Set(policy.rules.map { String($0.value.prefix { $0 != ":" }) } + policy.allow.map(\.id))
    directories = []
    for origin in policy.origins { add(origin: origin) }
    add(policy.unresolvedEndpoints.map(\.value.name))
    for rule in policy.allow { add(patterns: rule.queryNames) }
  }

  /// Adds where a statement was made: in most cases a file.
  mutating func add(origin: String) {
    add(file: String(origin[(origin.lastIndex(of: "/") ?? origin.startIndex)...].prefix { !":, ".contains($0) }))
    add(directoryOf: origin)
  }

  /// Adds a file: it keeps its name but loses its directory.
  mutating func add(file path: String) {
    words.insert(path.split(separator: "/").last.map(String.init) ?? "")
    add(directoryOf: path)
  }

  private mutating func add(directoryOf path: String) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    add(directory: String(path[...slash]))
  }

  mutating func add(directory: String) {
    guard !directory.isEmpty, !directories.contains(directory) else { return }
    directories.append(directory)
    directories.sort { ($0.count, $0) > ($1.count, $1) }
  }

  /// Adds the names in rules. A name with a leading dot stands for everything below it.
  mutating func add(patterns: [String]) { add(patterns.map { String($0.drop { $0 == "." }) }) }

  mutating func add(_ more: [String]) {
    for name in more.map({ $0.lowercased() }) where !name.isEmpty {
      if name.allSatisfy(Redactor.isPartOfWord) {
        names.insert(name)
      } else if !phrases.contains(name) {
        phrases.append(name)
      }
    }
    phrases.sort { ($0.count, $0) > ($1.count, $1) }
  }
}
