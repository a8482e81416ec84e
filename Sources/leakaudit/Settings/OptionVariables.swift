import Glibc
import Policy
import PolicyFiles
import Report

/// Options from the environment: `LEAKAUDIT_WG_CONFIG=wg0.conf` stands for `--wg-config=wg0.conf`.
enum OptionVariables {
  private static let prefix = "LEAKAUDIT_"

  /// What the environment says, in the order of the variables' names. The variables are removed from it: a command that
  /// is run for an alert must not inherit what may be a secret.
  static func read(_ environment: [String: String], _ known: KnownOptions) throws -> [OptionSettings.Setting] {
    let options = known.options.values.reduce(into: [:]) { $0[variable($1.name)] = $1 }
    var settings: [OptionSettings.Setting] = []
    for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(prefix) {
      // Not an option, since a token has no place on a command line.
      if variable == ServeOptions.variable { continue }
      guard let option = options[variable] else { throw unknown(variable, options.keys) }
      unsafe unsetenv(variable)
      // Compose gives a variable that is not set as an empty one.
      if value.isEmpty { continue }
      let texts =
        switch option.kind {
        case .flag: [try flag(value, variable)]
        case .value: [value]
        case .list: value.split(separator: "\n").map(String.init)
        }
      let values = texts.map { Stated($0, origin: variable) }
      if !values.isEmpty { settings.append(OptionSettings.Setting(option: option, values: values)) }
    }
    return settings
  }

  private static func variable(_ name: String) -> String {
    prefix + name.uppercased().replacing("-", with: "_")
  }

  private static func flag(_ value: String, _ variable: String) throws -> String {
    switch value.lowercased() {
    case "1", "true", "yes", "on": "true"
    case "0", "false", "no", "off": "false"
    default: throw Failure(status: .usage, message: "\(variable): it takes true or false")
    }
  }

  private static func unknown(_ variable: String, _ known: some Sequence<String>) -> Failure {
    let nearest = ClosestNames.of(variable, in: Array(known)).first ?? ""
    return Failure(status: .usage, message: "\(variable): watch has no such option; the nearest is \(nearest)")
  }
}
