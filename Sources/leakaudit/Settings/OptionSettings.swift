import ArgumentParser
import Foundation
import Policy
import PolicyFiles
import Report
import Text
import TextFiles

/// Options from a file (`--options`) and from the environment, as arguments that come before the typed ones.
///
/// The names come from the commands themselves, so every option of `watch` can stand in all three places. Of an option
/// with one value the later of file, environment and command line wins, and lists add up.
struct OptionSettings {
  /// What one place says of one option.
  struct Setting {
    let option: KnownOptions.Option
    /// Of a flag `true` or `false`.
    let values: [Stated<String>]
  }

  private struct Addition {
    let name: String
    let argument: String
    let origin: String
  }

  private let typed: [String]
  private var added: [Addition] = []
  /// What to tell the user: which options came from where.
  private(set) var lines: [String] = []

  /// Nothing but the command line.
  init(onlyTyped typed: [String]) { self.typed = typed }

  init(_ typed: [String], _ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    self.typed = typed
    let asked: (any ParsableArguments.Type)? =
      switch typed.first {
      case WatchCommand.configuration.commandName: WatchCommand.self
      case PolicyCommand.configuration.commandName: PolicyOptions.self
      case TestAlertCommand.configuration.commandName: TestAlertCommand.self
      default: nil
      }
    guard let asked else { return }
    let known = try KnownOptions(of: WatchCommand.self)
    let options = try KnownOptions(of: asked)
    let variables = try OptionVariables.read(environment, known)
    let stated = variables.first { $0.option.name == SettingsOptions.name }?.values[0].value
    let path = SettingsOptions.path(in: typed) ?? stated
    let file = try path.map { try Self.read($0, known) } ?? []

    let overridden = Set(variables.filter { $0.option.kind != .list }.map(\.option.name))
    let settings = file.filter { !overridden.contains($0.option.name) } + variables
    for setting in settings {
      guard let option = options.options[setting.option.name] else { continue }
      for value in setting.values {
        guard let argument = options.argument(option, value.value) else { continue }
        added.append(Addition(name: option.name, argument: argument, origin: value.origin))
      }
    }
    if let path {
      let names = file.map(\.option.name).filter { options.options[$0] != nil }
      lines.append("from \(Formatting.safe(path)): \(names.isEmpty ? "nothing" : names.joined(separator: ", "))")
    }
    let used = variables.filter { options.options[$0.option.name] != nil }.map { $0.values[0].origin }
    if !used.isEmpty { lines.append("from the environment: \(used.joined(separator: ", "))") }
  }

  /// The whole command line.
  var arguments: [String] { typed.prefix(1) + added.map(\.argument) + typed.dropFirst() }

  /// Where the first values of each option came from, by its long name with dashes.
  var origins: [String: [String]] {
    added.reduce(into: [:]) { $0["--\($1.name)", default: []].append($1.origin) }
  }

  /// The setting that the parser refuses; nil if it refuses what was typed, or only all of it together.
  func culprit(_ error: any Error) -> Failure? {
    guard let command = typed.first, LeakAudit.exitCode(for: error) == .validationFailure else { return nil }
    let message = LeakAudit.message(for: error)
    let culprit = added.first { addition in
      do {
        _ = try LeakAudit.parseAsRoot([command, addition.argument])
        return false
      } catch { return LeakAudit.message(for: error) == message }
    }
    return culprit.map { Failure(status: .usage, message: "\($0.origin): \(message)") }
  }

  private static func read(_ path: String, _ known: KnownOptions) throws -> [Setting] {
    var kinds = known.options.mapValues(\.kind)
    // A file cannot name another.
    kinds[SettingsOptions.name] = nil
    do throws(PolicyFileError) {
      let names = Array(kinds.keys)
      let file = try OptionsFile.read(path, known: kinds) { ClosestNames.of($0, in: names).first }
      return file.entries.compactMap { entry in
        known.options[entry.name].map { Setting(option: $0, values: entry.values) }
      }
    } catch {
      throw PolicyOptions.failure(error.problems, error.description)
    }
  }
}
