import Summaries

/// What texts hold that only the audit itself can tell to be names, or to be none.
struct KnownNames: Sendable {
  /// Replaced wherever they stand as a word of a sentence, in lower case.
  private(set) var names: Set<String>
  /// Those with characters that no word has, the longest first.
  private(set) var phrases: [String] = []
  /// What looks like a name and is none: rules, and the files that the policy was read from.
  private(set) var words: Set<String>
  /// Where those files are, the longest first: a home has its owner's name.
  private(set) var directories: [String]

  init(_ policy: PolicyDocument) {
    names = []
    words = Set(policy.rules.map { String($0.value.prefix { $0 != ":" }) } + policy.allow.map(\.id))
    directories = []
    for origin in policy.origins { add(origin: origin) }
    add(policy.unresolvedEndpoints.map(\.value.name))
    for rule in policy.allow { add(patterns: rule.queryNames) }
  }

  /// Where a statement was made: a file, most often.
  mutating func add(origin: String) {
    add(file: String(origin[(origin.lastIndex(of: "/") ?? origin.startIndex)...].prefix { !":, ".contains($0) }))
    add(directoryOf: origin)
  }

  /// A file keeps its name, and not where it is.
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

  /// Names of rules, of which those with a dot before them stand for all below.
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
