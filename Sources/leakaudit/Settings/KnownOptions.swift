import ArgumentParser
import Foundation
import PolicyFiles

/// The options of a command that have a long name, as the command itself declares them.
struct KnownOptions {
  struct Option {
    let name: String
    let kind: OptionsFile.Kind
  }

  /// By their long names, without the dashes.
  let options: [String: Option]

  /// What ArgumentParser says of a command, as far as it is needed.
  private struct Help: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable { var kind, name: String }

      var kind: String
      var names: [Name]?
      var isRepeating: Bool
    }

    var command: Command
  }

  init(of command: any ParsableArguments.Type) throws {
    let help = try JSONDecoder().decode(Help.self, from: Data(command._dumpHelp().utf8))
    options = (help.command.arguments ?? []).reduce(into: [:]) { options, argument in
      guard let name = argument.names?.first(where: { $0.kind == "long" })?.name,
        !["help", "version"].contains(name)
      else { return }
      let kind: OptionsFile.Kind = argument.kind == "flag" ? .flag : argument.isRepeating ? .list : .value
      options[name] = Option(name: name, kind: kind)
    }
  }

  /// What stands for the option on a command line. A flag that is off is nothing, unless it has an opposite.
  func argument(_ option: Option, _ value: String) -> String? {
    switch (option.kind, value) {
    case (.flag, "true"): "--\(option.name)"
    case (.flag, _): options["no-\(option.name)"].map { "--\($0.name)" }
    default: "--\(option.name)=\(value)"
    }
  }
}
