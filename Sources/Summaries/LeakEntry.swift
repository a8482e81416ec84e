package import Audit
package import Policy
package import Wire

extension Summary {
  /// Leaks of one reason on one interface to one destination.
  package struct LeakEntry: Codable, Equatable, Sendable {
    package var reason: LeakReason
    package var severity: Severity
    package var title, interface: String
    /// Absent where only addresses are known.
    package var origin: Whose?
    /// Of the host where the stack is audited, or the other way round: it fails no audit.
    package var isApart: Bool
    /// Absent where the audited interfaces do not show it.
    package var fate: Fate?
    package var escapedFrames: Int
    package var rule: String?
    package var family: Family?
    package var `protocol`: IPProtocol?
    package var destination: IPAddress?
    package var port: UInt16?
    package var sources: [IPAddress]
    package var questions: [Question]
    package var details: [LeakDetailEntry]
    /// Which of them name only the first, or those that could be read.
    package var abridged: [Names]
    package var decodingError: String?
    package var frames, bytes: Int
    /// Of `frames`, those that no other entry tells: a packet that was seen on bridge and NIC is told once. Absent where
    /// interfaces were audited apart, so that nobody knows.
    package var packets: Int?
    /// On a bridge: the addresses that NAT gave its packets on the NIC.
    package var sourcesOnNIC: [IPAddress]?
    package var first, last: Timestamp
    /// The first frame's position in its file, from 1 on, as Wireshark counts; absent in older summaries and of a watch.
    package var firstFrame: Int?
  }

  package enum Family: String, Codable, Sendable { case ipv4, ipv6 }

  /// The lists of names that a leak has.
  package enum Names: String, Codable, CaseIterable, Comparable, Sendable {
    case details, questions, sources

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// `wireguard+qbittorrent`, `bridge`, `host`, and `container host` for one that is called so.
  package enum Whose: TextCoded, Codable, Hashable, Sendable {
    case host, bridge
    case containers([String])

    package init?(_ origin: Origin) {
      switch origin {
      case .address: return nil
      // One without a name is written as no name at all.
      case .containers(let names): self = .containers(names == [""] ? [] : names)
      case .bridge: self = .bridge
      case .host: self = .host
      }
    }

    package init?(coded text: String) {
      switch text {
      case "": self = .containers([])
      case "host": self = .host
      case "bridge": self = .bridge
      case "container host": self = .containers(["host"])
      case "container bridge": self = .containers(["bridge"])
      default: self = .containers(text.split(separator: "+", omittingEmptySubsequences: false).map(String.init))
      }
    }

    package var coded: String {
      let origin: Origin =
        switch self {
        case .host: .host
        case .bridge: .bridge
        case .containers(let names): .containers(names)
        }
      return origin.name ?? ""
    }
  }

  /// `example.org A`: a name, which may hold blanks, and a type.
  package struct Question: TextCoded, Codable, Hashable, Sendable {
    package var name, type: String

    package init(_ question: DNSQuestions.Question) { (name, type) = (question.name, DNSType.name(question.type)) }

    package init(name: String, type: String) { (self.name, self.type) = (name, type) }

    package init?(coded text: String) {
      guard let blank = text.lastIndex(of: " ") else { return nil }
      let type = text[blank...].dropFirst()
      guard type.allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber) }) else { return nil }
      self.init(name: String(text[..<blank]), type: String(type))
    }

    package var coded: String { "\(name) \(type)" }
  }
}

/// What a leak says in clear, in summaries and alerts.
package struct LeakDetailEntry: Codable, Hashable, Sendable {
  package var kind: LeakDetail.Kind
  package var text: String

  package init(_ detail: LeakDetail) { (kind, text) = (detail.kind, detail.text) }

  /// `server www.example.org`.
  package var sentence: String {
    switch kind {
    case .serverName: "server \(text)"
    case .encryptedHello: "with an encrypted ClientHello behind \(text)"
    case .clientSubnet: "for the client subnet \(text)"
    case .software: "by \(text)"
    case .infoHash: "info-hash \(text)"
    case .hostName: "as the machine \(text)"
    }
  }
}
