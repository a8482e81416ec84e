package import Policy
package import TextFiles
package import Wire

/// A WireGuard configuration, as wg-quick(8) and wg(8) read `wg0.conf`.
///
/// A malformed file is one of the cases to audit: a container whose wg-quick fails goes on without a tunnel. So nothing
/// here stops at a mistake: what is wrong is in `problems`, and everything else is in the other properties. Secrets are
/// dropped where they are read; only their presence is kept.
package struct WireGuardConfig: Hashable, Sendable {
  /// The file's name as the user gave it.
  package internal(set) var fileName: String
  /// `Address =`: the interface's own addresses, with the length of the network around each.
  package internal(set) var addresses: [Lined<InterfaceAddress>] = []
  /// The addresses among `DNS =`; the names there are search domains.
  package internal(set) var resolvers: [Lined<IPAddress>] = []
  package internal(set) var searchDomains: [Lined<String>] = []
  /// Nil if absent or 0: then the kernel chooses a port, which the file cannot tell.
  package internal(set) var listenPort: Lined<UInt16>?
  /// The mark on the tunnel's own packets; 0 if it is `off`.
  package internal(set) var firewallMark: Lined<UInt32>?
  /// In bytes.
  package internal(set) var mtu: Lined<Int>?
  package internal(set) var table: Lined<String>?
  package internal(set) var savesConfig: Lined<Bool>?
  package internal(set) var hasPrivateKey = false
  /// AmneziaWG's parameters, if there are any and they go together, at the line of the first.
  package internal(set) var amnezia: Lined<AmneziaWG>?
  /// The line that hides the format of packets from everybody without the secrets (AmneziaWG 3).
  package internal(set) var hiddenShapeLine: Int?
  /// The line that states a client id for the reserved bytes, as WARP's clients have it.
  package internal(set) var reservedLine: Int?
  /// The line of the first `[Interface]`.
  package internal(set) var interfaceLine: Int?
  /// Whether there is an `[Interface]` or a `[Peer]`, even a misspelt one.
  var hasSections = false
  /// `PreUp`, `PostUp`, `PreDown`, `PostDown`, in the order of the file.
  package internal(set) var hooks: [Lined<Hook>] = []
  package internal(set) var peers: [Peer] = []
  /// What wg-quick or wg would refuse or misunderstand, in the order of the file.
  package internal(set) var problems: [PolicyFileProblem] = []

  /// The problem of an invalid `PrivateKey`. It does not matter if somebody only asks where the tunnel goes: a file
  /// that is shown to others has another text in its place.
  package internal(set) var privateKeyRefusal: PolicyFileProblem?

  /// The problems that make wg-quick or wg refuse the file, so that no tunnel comes up.
  package var refusals: [PolicyFileProblem] {
    problems.filter { problem in WireGuardConfigReader.consequences.contains { problem.message.contains($0) } }
  }

  /// A value, and the line that states it, counted from 1.
  package struct Lined<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    package var line: Int

    package init(_ value: Value, line: Int) {
      self.value = value
      self.line = line
    }
  }

  package struct InterfaceAddress: Hashable, Sendable {
    package var address: IPAddress
    /// The address's width if the file gives none, as in ip-address(8).
    package var prefixLength: Int

    package init(address: IPAddress, prefixLength: Int) {
      self.address = address
      self.prefixLength = prefixLength
    }

    /// Whether it is the network itself, which is nobody's address.
    package var isNetwork: Bool {
      prefixLength < address.width - 1 && IPPrefix(address, length: prefixLength).address == address
    }

    /// Reads `address` or `address/length`. Nil for anything else.
    package init?(_ text: String) {
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let address = IPAddress(parts[0]) else { return nil }
      guard parts.count == 2 else {
        self.init(address: address, prefixLength: address.width)
        return
      }
      guard let length = decimal(parts[1], Int.self), length <= address.width else { return nil }
      self.init(address: address, prefixLength: length)
    }
  }

  /// A command that wg-quick has the shell run.
  package struct Hook: Hashable, Sendable {
    package var moment: Moment
    package var command: String

    package enum Moment: String, Hashable, Sendable, CaseIterable {
      case preUp = "PreUp"
      case postUp = "PostUp"
      case preDown = "PreDown"
      case postDown = "PostDown"
    }
  }

  package struct Peer: Hashable, Sendable {
    /// The line of `[Peer]`.
    package let line: Int
    package internal(set) var publicKey: Lined<WireGuardKey>?
    package internal(set) var hasPresharedKey = false
    package internal(set) var allowedIPs: [Lined<IPPrefix>] = []
    package internal(set) var endpoint: Lined<EndpointText>?
    /// Whether there is an `Endpoint` line, readable or not. A peer without one is a peer that we serve.
    package internal(set) var statesEndpoint = false
    /// In seconds; 0 if it is `off`.
    package internal(set) var persistentKeepalive: Lined<UInt16>?

    init(line: Int) { self.line = line }
  }

  /// For programs that read the file themselves and skip what wg-quick would run.
  package var withoutHooks: WireGuardConfig {
    var copy = self
    copy.hooks = []
    return copy
  }

  /// Why a file that somebody names is no configuration at all. Otherwise each of its lines would be a problem.
  package var refusal: String? {
    hasSections
      ? nil
      : "\(fileName): this is not a WireGuard configuration: it has neither [Interface] nor [Peer]; name the wg0.conf "
        + "that the tunnel is made from"
  }

  /// Reads the file. Throws only if it does not exist, cannot be read, or is larger than 1 MiB.
  package static func read(_ path: String) throws(PolicyFileProblem) -> WireGuardConfig {
    // Bytes that are not UTF-8 become U+FFFD. They matter only in a value that is broken anyway.
    try WireGuardConfig(String(decoding: TextFile.bytes(of: path), as: UTF8.self), fileName: path)
  }

  /// Reads the text of a file. Throws only if it is larger than 1 MiB.
  package init(_ text: String, fileName: String) throws(PolicyFileProblem) {
    try TextFile.checkSize(text.utf8.count, of: fileName)
    self.fileName = fileName
    var reader = WireGuardConfigReader(self)
    reader.read(text)
    self = reader.finished()
  }
}
