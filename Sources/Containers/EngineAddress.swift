import Foundation

/// Where Docker's engine listens, according to DOCKER_HOST.
package enum EngineAddress: Hashable, Sendable {
  case unixSocket(path: String)
  /// Plain HTTP.
  case host(String)

  /// Docker's usual socket, or podman's if only that exists; podman answers the same requests.
  package static var standard: Self {
    let usual = ["/var/run/docker.sock", "/run/podman/podman.sock"]
    return .unixSocket(path: usual.first(where: FileManager.default.fileExists) ?? usual[0])
  }

  /// An address that this program cannot use; `description` is one line for the user.
  package struct Problem: Error, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// - Parameter environment: DOCKER_HOST and DOCKER_TLS_VERIFY are read from it.
  package init(environment: [String: String]) throws(Problem) {
    guard let text = environment["DOCKER_HOST"], !text.isEmpty else {
      self = .standard
      return
    }
    try self.init(text)
    if case .host = self, let verify = environment["DOCKER_TLS_VERIFY"], !verify.isEmpty {
      throw Problem(
        description: "DOCKER_HOST: an engine behind TLS (DOCKER_TLS_VERIFY) cannot be asked; use its socket")
    }
  }

  private init(_ text: String) throws(Problem) {
    if text.hasPrefix("unix://") {
      let path = String(text.dropFirst("unix://".count))
      // sockaddr_un has room for 108 bytes including the final zero.
      guard path.hasPrefix("/"), path.utf8.count < 108, !path.utf8.contains(0) else {
        throw Problem(description: "DOCKER_HOST: unix:// must be followed by an absolute path of at most 107 bytes")
      }
      self = .unixSocket(path: path)
    } else if text.hasPrefix("tcp://") {
      var host = String(text.dropFirst("tcp://".count))
      if host.hasSuffix("/") { host.removeLast() }
      guard !host.isEmpty, host.unicodeScalars.allSatisfy(Self.isInHost) else {
        throw Problem(description: "DOCKER_HOST: tcp:// must be followed by a host and a port")
      }
      // An IPv6 address is in brackets.
      let hasPort = host[(host.lastIndex(of: "]") ?? host.startIndex)...].contains(":")
      self = .host(hasPort ? host : "\(host):2375")
    } else {
      throw Problem(description: "DOCKER_HOST: an address must begin with unix:// or tcp://")
    }
  }

  private static func isInHost(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":", "[", "]": true
    default: false
    }
  }
}

extension EngineAddress: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unixSocket(let path): path
    case .host(let host): host
    }
  }
}
