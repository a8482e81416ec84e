import ArgumentParser
import Outputs
import Text

/// Web services that get alerts, and what they demand.
struct WebhookOptions: ParsableArguments {
  @Option(help: ArgumentHelp("POST alerts to a web service.", valueName: "URL"))
  var webhook: [String] = []

  @Option(
    help: ArgumentHelp(
      "The same with the URL in a file's first line: other users of this machine can read a command line.",
      valueName: "file"))
  var webhookFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "A header field in a file's first line, such as 'Authorization: Bearer tk_…', sent to the webhook.",
      valueName: "file"))
  var webhookHeaderFile: [String] = []

  @Option(help: "What the web service expects: json, ntfy, gotify, slack, discord or apprise.")
  var webhookFormat = WebhookFormat.json

  func validate() throws {
    if !webhookHeaderFile.isEmpty, webhook.count + webhookFile.count != 1 {
      throw ValidationError("--webhook-header-file needs one webhook, so that no other one gets what it holds")
    }
  }

  /// Where to post, with what the files hold.
  struct Targets: Sendable {
    var addresses: [String]
    var fields: [(name: String, value: String)]
  }

  /// Reads the files, and checks what can be checked.
  func targets() throws -> Targets {
    let targets = Targets(
      addresses: webhook + (try webhookFile.map { try SecretFile.firstLine($0, option: "--webhook-file") }),
      fields: try webhookHeaderFile.map(Self.field))
    for (index, address) in targets.addresses.enumerated() {
      _ = try make(address, targets.fields, option: index < webhook.count ? "--webhook" : "--webhook-file")
    }
    return targets
  }

  /// Starts an outlet for each.
  ///
  /// - Parameters:
  ///   - leakEnd: a leak has ended after this long without an alert.
  ///   - page: the live page's address, for pushes.
  func start(
    _ targets: Targets, leakEnd: Duration, page: String?, say: @escaping @Sendable (String) -> Void
  ) throws -> [OutletThread] {
    try targets.addresses.map {
      OutletThread(try make($0, targets.fields, leakEnd: leakEnd, page: page, option: "--webhook"), say: say)
    }
  }

  private func make(
    _ address: String, _ fields: [(name: String, value: String)], leakEnd: Duration = .zero, page: String? = nil,
    option: String
  ) throws -> Webhook {
    do throws(DeliveryFailure) {
      return try Webhook(address, format: webhookFormat, fields: fields, leakEnd: leakEnd, page: page)
    } catch {
      throw Failure(status: .usage, message: "\(option): \(error.reason)")
    }
  }

  /// RFC 9110 section 5.1 and 5.5: a token, a colon, and visible characters.
  private static func field(_ path: String) throws -> (name: String, value: String) {
    let line = try SecretFile.firstLine(path, option: "--webhook-header-file")
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, isName(parts[0]), line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
      let start = parts[1].firstIndex(where: { $0 != " " })
    else {
      throw Failure(
        status: .usage,
        message:
          "--webhook-header-file '\(Formatting.safe(path))': its first line must be a header field, as 'Name: value'"
      )
    }
    return (String(parts[0]), String(parts[1][start...]))
  }

  private static func isName(_ text: Substring) -> Bool {
    let others = "!#$%&'*+-.^_`|~".utf8
    return !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: others.contains(byte)
        }
      }
  }
}

extension WebhookFormat: ExpressibleByArgument {}
