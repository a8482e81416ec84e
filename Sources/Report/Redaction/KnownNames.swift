import Policy

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

  init(_ policy: TunnelPolicy) {
    names = []
    words = Set(policy.labelRules.added.map(\.id) + policy.allowRules.map(\.id))
    directories = []
    for origin in Self.origins(policy) {
      add(file: String(origin[(origin.lastIndex(of: "/") ?? origin.startIndex)...].prefix { !":, ".contains($0) }))
      add(directoryOf: origin)
    }
    add(policy.namedEndpoints.map(\.value.name) + policy.resolvedNames)
    for rule in policy.allowRules { add(rule.queryNames.map { String($0.drop { $0 == "." }) }) }
    for rule in policy.labelRules.added {
      add((rule.serverNames + rule.queryNames).map { String($0.drop { $0 == "." }) })
    }
  }

  /// A file keeps its name, and not where it is.
  mutating func add(file path: String) {
    words.insert(path.split(separator: "/").last.map(String.init) ?? "")
    add(directoryOf: path)
  }

  private mutating func add(directoryOf path: String) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let directory = String(path[...slash])
    guard !directories.contains(directory) else { return }
    directories.append(directory)
    directories.sort { ($0.count, $0) > ($1.count, $1) }
  }

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

  /// Where each statement was made: files, most of them.
  private static func origins(_ policy: TunnelPolicy) -> [String] {
    var origins = policy.endpoints.map(\.origin) + policy.namedEndpoints.map(\.origin)
    origins += policy.endpointLists.map(\.origin) + policy.inferredPeerKeys.map(\.origin)
    origins += policy.tunnelAddresses.map(\.origin) + policy.tunnelResolvers.map(\.origin)
    origins += policy.resolvers.map(\.origin) + policy.servedPorts.map(\.origin) + policy.publishedPorts.map(\.origin)
    origins += policy.local.map(\.origin) + policy.audited.map(\.origin) + policy.auditedMACs.map(\.origin)
    origins += policy.containers.map(\.origin) + policy.roleOrigins.values
    return origins + policy.allowRules.map(\.origin) + policy.labelRules.added.map(\.origin)
  }
}
