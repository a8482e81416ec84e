import CBuild

/// What `--version` says, and what documents say of the program that wrote them.
enum ProgramVersion {
  /// The release, as in `CHANGELOG.md`.
  static let number = "0.1.0"

  /// With the program's name and, where the build was told, the commit: `leakaudit 0.1.0 (c89b633e)`.
  static let full: String = {
    // A literal of the C file: it is there as long as the program is.
    let commit = unsafe String(cString: build_commit())
    return commit.isEmpty ? "leakaudit \(number)" : "leakaudit \(number) (\(commit))"
  }()
}
