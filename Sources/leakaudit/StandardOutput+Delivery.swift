import ArgumentParser
import Text

extension StandardOutput {
  /// Ends the program with a status of its own if what was written did not get out, as on a full disk.
  ///
  /// - Parameter subject: what was written, for the message.
  borrowing func demandDelivery(_ subject: String) throws {
    guard let failure else { return }
    StandardError.line("standard output: \(SystemError.message(failure)); \(subject) was not delivered")
    throw ExitCode(ExitStatus.outputError.rawValue)
  }
}
