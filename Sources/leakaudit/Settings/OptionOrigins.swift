/// Where the values of options came from, for whoever states them further: `--endpoint`, `LEAKAUDIT_ENDPOINT`,
/// `options.yaml:3`.
enum OptionOrigins {
  /// Of the first values of each option, by its long name with dashes. The others were typed.
  @TaskLocal static var settings: [String: [String]] = [:]

  /// The origin of one value.
  /// - Parameter index: its place in the list of all values of the option.
  static func of(_ option: String, _ index: Int) -> String {
    let known = settings[option] ?? []
    return index < known.count ? known[index] : option
  }
}
