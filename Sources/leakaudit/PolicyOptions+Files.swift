extension PolicyOptions {
  /// Files and folders that the user has named in them.
  var files: [String] {
    wireGuardConfigs + policyFiles + compose.composeFiles + compose.envFile + [rules].compactMap(\.self)
      + role.map { String($0.prefix { $0 != "=" }) }
  }
}
