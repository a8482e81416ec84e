import ArgumentParser
import Probing

/// Answers the probes of a drill, in a network namespace that the drill made.
struct DrillInternetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "drill-internet", shouldDisplay: false)

  /// A file with a line `NAME=ADDRESS` for each name that has an address of its own.
  @Option var names: String?

  func run() throws {
    do { try InternetProcess.run(names: InternetNames(file: names)) } catch {
      throw Failure(status: .noPermission, message: "drill-internet: \(error)")
    }
  }
}
