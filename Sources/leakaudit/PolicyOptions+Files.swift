extension PolicyOptions {
  /// The files and folders that the user named in these options.
  var files: [String] {
    wireGuardConfigs + policyFiles + compose.composeFiles + compose.envFile + [rules].compactMap(\.self)
      + role.map { String($0.prefix { $0 != "=" }) }
  }
}
