import ArgumentParser
import Foundation
import Glibc
import Text
import Transfer

/// Asks a served watch whether it sees what it should: for HEALTHCHECK, where an image has neither shell nor curl.
struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Asks a watch that serves (--serve) whether it sees what it should.",
    discussion: """
      It prints the answer of /healthz. Leaks do not matter for health.

      Exit status: 0 healthy, 1 not, or no answer, 64 bad options.
      """)

  @Argument(
    help: ArgumentHelp(
      "Where the watch serves; by default the address of LEAKAUDIT_SERVE, or \(ServeOptions.usualAddress).",
      valueName: "URL"))
  var address: String?

  @Option(
    help: ArgumentHelp("The token that the watch demands; or set LEAKAUDIT_SERVE_TOKEN.", valueName: "file"))
  var serveTokenFile: String?

  private static var limit: Duration { .seconds(3) }

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let address =
      address ?? environment["LEAKAUDIT_SERVE"].flatMap { $0.isEmpty ? nil : $0 } ?? ServeOptions.usualAddress
    guard let page = Self.page(address) else {
      throw Failure(
        status: .usage,
        message: "'\(Formatting.safe(address))': it takes an address such as http://\(ServeOptions.usualAddress)")
    }
    var request = HTTPRequest(page)
    request.connectLimit = Self.limit
    request.limit = Self.limit
    request.bodyLimit = 1 << 20
    // A proxy of the environment would ask another machine's watch.
    request.allowsProxy = false
    let file = serveTokenFile ?? environment["LEAKAUDIT_SERVE_TOKEN_FILE"].flatMap { $0.isEmpty ? nil : $0 }
    if let token = try file.map({ try SecretFile.firstLine($0, option: "--serve-token-file") })
      ?? environment[ServeOptions.variable]
    {
      request.fields = [("Authorization", "Bearer \(token)")]
    }
    let status: Int
    do throws(TransferError) {
      let reply = try HTTPTransfer.perform(request)
      status = reply.status
      var output = StandardOutput(flushesLines: false)
      for line in String(decoding: reply.body, as: UTF8.self).split(separator: "\n").prefix(20) {
        output.write(Formatting.safe(String(line)) + "\n")
      }
      output.flush()
    } catch {
      StandardError.line("no answer: \(Formatting.safe(error.reason))")
      throw ExitCode(ExitStatus.leaks.rawValue)
    }
    if status != 200 { throw ExitCode(ExitStatus.leaks.rawValue) }
  }

  /// The page to ask for: /healthz, unless another is named. An address that stands for all of a machine's is asked on
  /// this machine.
  private static func page(_ text: String) -> String? {
    let whole = text.contains("://") ? text : "http://\(text)"
    guard PageLink.isPlain(whole), var parts = URLComponents(string: whole) else { return nil }
    if parts.host == "0.0.0.0" { parts.host = "127.0.0.1" }
    if parts.host == "[::]" { parts.host = "[::1]" }
    if ["", "/"].contains(parts.path) { parts.path = "/healthz" }
    return parts.string
  }
}
