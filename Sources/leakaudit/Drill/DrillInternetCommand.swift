import ArgumentParser
import Probing
import Wire

/// Answers the probes of a drill, in a network namespace that the drill made.
struct DrillInternetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "drill-internet", shouldDisplay: false)

  @Option(name: .customLong("name"), transform: DrillName.init) var names: [DrillName] = []

  func run() throws {
    do { try InternetProcess.run(names: names.map { ($0.name, $0.address) }) } catch {
      throw Failure(status: .noPermission, message: "drill-internet: \(error)")
    }
  }
}

/// `NAME=ADDRESS`.
struct DrillName: Sendable {
  let name: String
  let address: IPAddress

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let address = IPAddress(parts[1]) else {
      throw ValidationError("'\(text)' is not NAME=ADDRESS")
    }
    name = String(parts[0])
    self.address = address
  }
}
