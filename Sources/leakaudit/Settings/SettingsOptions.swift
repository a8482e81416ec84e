import ArgumentParser

/// Where options come from besides the command line. `OptionSettings` reads the file before the arguments are parsed.
struct SettingsOptions: ParsableArguments {
  static let name = "options"

  @Option(
    name: .customLong(name),
    help: ArgumentHelp(
      "A YAML file of options by their long names, as `buffer: 64`; the environment and arguments win.",
      valueName: "file"))
  var file: String?

  /// The file that the arguments name; nil if they name none.
  static func path(in arguments: [String]) -> String? {
    let arguments = Array(arguments.prefix { $0 != "--" })
    let option = "--\(name)"
    guard let index = arguments.lastIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else { return nil }
    guard arguments[index] == option else { return String(arguments[index].dropFirst(option.count + 1)) }
    return index + 1 < arguments.count ? arguments[index + 1] : nil
  }
}
