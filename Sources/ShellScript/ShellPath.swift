/// Where programs are found.
enum ShellPath {
  static let systemFolders: Set<String> = [
    "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/command",
  ]

  /// `iptables` for `/sbin/iptables`. A path elsewhere stays a path, because it may be any program.
  static func program(_ word: String) -> String {
    guard let slash = word.lastIndex(of: "/"), systemFolders.contains(String(word[..<slash])) else { return word }
    return String(word[word.index(after: slash)...])
  }
}
