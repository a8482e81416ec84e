import ArgumentParser
import Capture
import Glibc
import Report
import Serving
import Text
import Wire

/// Where a watch serves its state to other programs, and who may ask.
///
/// `unsafe` because getenv(3) returns an address. Sound: no other thread runs yet, and the text is copied before the
/// variable is removed.
struct ServeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve metrics, health, summary and events over HTTP, as at 127.0.0.1:10478. Other machines need a token.",
      valueName: "address:port"))
  var serve: String?

  @Option(
    help: ArgumentHelp(
      "The token that --serve requires, as Authorization: Bearer; or set LEAKAUDIT_SERVE_TOKEN.", valueName: "file"))
  var serveTokenFile: String?

  @Option(help: ArgumentHelp("A host name that --serve also answers to, beside its address.", valueName: "name"))
  var serveHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "The live page's address for push messages, if it is not the one that --serve listens on.", valueName: "URL")
  )
  var serveURL: String?

  /// Shorter tokens can be guessed.
  private static let leastToken = 16
  static let variable = "LEAKAUDIT_SERVE_TOKEN"
  /// Where `health` asks if nothing is said, as the documents have it.
  static let usualAddress = "127.0.0.1:10478"

  func validate() throws {
    if serve == nil, serveTokenFile != nil || !serveHost.isEmpty || serveURL != nil {
      throw ValidationError("--serve-token-file, --serve-host and --serve-url need --serve")
    }
    if let serveURL, !PageLink.isPlain(serveURL) {
      throw ValidationError("--serve-url takes an address such as https://audit.example.org/, without spaces")
    }
  }

  /// What is served, checked before anything is opened.
  struct Site {
    let endpoint: Endpoint
    let access: AccessCheck
    let isLoopback: Bool
    /// The live page's address for readers elsewhere; nil if unknown.
    let page: String?

    /// Starts to listen, while the program may still use any port.
    func listen(_ privileged: borrowing Privileged) throws -> ListeningSocket {
      do throws(ListeningFailure) {
        let socket = try ListeningSocket(endpoint)
        let place = "http://\(socket.endpoint)/"
        StandardError.line(
          isLoopback
            ? "serving at \(place), to this machine only"
            : "serving at \(place), to other machines too, for anyone who has the token; the connection is not encrypted"
        )
        return socket
      } catch {
        throw Failure(
          status: error.code == EACCES || error.code == EPERM ? .noPermission : .usage,
          message: "--serve \(endpoint): \(error)")
      }
    }
  }

  /// The site to serve; nil if none is wanted.
  func site() throws -> Site? {
    // Commands that are run for alerts must not inherit the token.
    let inherited = unsafe getenv(Self.variable).map { unsafe String(cString: $0) }
    unsafe unsetenv(Self.variable)
    guard let serve else { return nil }
    guard let endpoint = Self.endpoint(serve) else {
      throw Failure(
        status: .usage,
        message: "--serve '\(Formatting.safe(serve))': it takes an address and a port, as \(Self.usualAddress)")
    }
    let token = try serveTokenFile.map { try SecretFile.firstLine($0, option: "--serve-token-file") } ?? inherited
    if let token { try Self.check(token) }
    let isLoopback = Self.isLoopback(endpoint.address)
    guard isLoopback || token != nil else {
      throw Failure(
        status: .usage,
        message: "--serve \(endpoint): others can reach that address, so it needs a token: --serve-token-file FILE or "
          + "\(Self.variable)")
    }
    return Site(
      endpoint: endpoint, access: AccessCheck(names: serveHost, token: token), isLoopback: isLoopback,
      page: serveURL ?? PageLink.address(endpoint, names: serveHost, isLoopback: isLoopback))
  }

  private static func endpoint(_ text: String) -> Endpoint? {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
      guard let address = IPAddress(host), !address.isIPv4 else { return nil }
      return Endpoint(address: address, port: port)
    }
    guard let address = IPAddress(host), address.isIPv4 else { return nil }
    return Endpoint(address: address, port: port)
  }

  private static func isLoopback(_ address: IPAddress) -> Bool {
    address.isIPv4 ? address.low >> 24 == 127 : address.high == 0 && address.low == 1
  }

  private static func check(_ token: String) throws {
    guard token.utf8.count >= leastToken, token.utf8.count < 4096, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Failure(
        status: .usage,
        message: "the token of --serve needs at least \(leastToken) letters and digits, without spaces, as "
          + "`openssl rand -hex 32` makes it")
    }
  }
}
