import ArgumentParser
import Foundation
import Glibc
import Report

/// Options from the environment: `LEAKAUDIT_WG_CONFIG=wg0.conf` stands for `--wg-config=wg0.conf`.
///
/// The names come from the commands themselves, so every option of `watch` has its variable. What the variables say comes
/// before the arguments: of an option with one value the argument wins, and lists add up.
enum OptionVariables {
  private static let prefix = "LEAKAUDIT_"

  /// What ArgumentParser says of a command, as far as it is needed.
  private struct Help: Decodable {
    struct Command: Decodable { var arguments: [Option]? }

    var command: Command
  }

  private struct Option: Decodable {
    struct Name: Decodable { var kind, name: String }

    var kind: String
    var names: [Name]?
    var isRepeating: Bool

    /// Without the dashes; nil for a positional argument and for an option of one letter.
    var longName: String? { names?.first { $0.kind == "long" }?.name }
  }

  /// The arguments with what the environment adds, and the variables that were used.
  static func adding(
    to arguments: [String], _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> (arguments: [String], used: [String]) {
    let asked: (any ParsableArguments.Type)? =
      switch arguments.first {
      case "watch": WatchCommand.self
      case "policy": PolicyOptions.self
      case TestAlertCommand.configuration.commandName: TestAlertCommand.self
      default: nil
      }
    guard let asked, let command = arguments.first else { return (arguments, []) }
    let known = try options(of: WatchCommand.self)
    let options = try options(of: asked)
    var added: [String] = []
    var used: [String] = []
    for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(prefix) {
      // Not an option, since a token has no place on a command line.
      if variable == ServeOptions.variable { continue }
      guard known[variable] != nil else { throw unknown(variable, known.keys) }
      // A command that is run for an alert must not inherit what may be a secret.
      unsafe unsetenv(variable)
      // Compose gives a variable that is not set as an empty one.
      guard let option = options[variable], let name = option.longName, !value.isEmpty else { continue }
      used.append(variable)
      if option.kind == "flag" {
        added += try flag(name, value, variable, options)
      } else {
        let values = option.isRepeating ? value.split(separator: "\n").map(String.init) : [value]
        added += values.map { "--\(name)=\($0)" }
      }
    }
    return ([command] + added + arguments.dropFirst(), used)
  }

  private static func options(of type: any ParsableArguments.Type) throws -> [String: Option] {
    let help = try JSONDecoder().decode(Help.self, from: Data(type._dumpHelp().utf8))
    let options = (help.command.arguments ?? []).filter { !["help", "version"].contains($0.longName) }
    return options.reduce(into: [:]) { found, option in
      guard let name = option.longName else { return }
      found[prefix + name.uppercased().replacing("-", with: "_")] = option
    }
  }

  /// A flag that has an opposite is also turned off by its name.
  private static func flag(
    _ name: String, _ value: String, _ variable: String, _ options: [String: Option]
  ) throws -> [String] {
    switch value.lowercased() {
    case "1", "true", "yes", "on": return ["--\(name)"]
    case "0", "false", "no", "off":
      let opposite = "no-\(name)"
      return options.values.contains { $0.longName == opposite } ? ["--\(opposite)"] : []
    default: throw Failure(status: .usage, message: "\(variable): it takes true or false")
    }
  }

  private static func unknown(_ variable: String, _ known: some Sequence<String>) -> Failure {
    let nearest = ClosestNames.of(variable, in: Array(known)).first ?? ""
    return Failure(status: .usage, message: "\(variable): watch has no such option; the nearest is \(nearest)")
  }
}
