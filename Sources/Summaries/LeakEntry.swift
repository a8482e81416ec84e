package import Audit
package import Policy
package import Wire

extension Summary {
  /// Leaks of one reason on one interface to one destination.
  package struct LeakEntry: Codable, Equatable, Sendable {
    package var reason: LeakReason
    package var severity: Severity
    package var title, interface: String
    /// Absent if only addresses are known.
    package var origin: Owner?
    /// The host's leak if the stack is audited, or the other way round: it does not fail the audit.
    package var isApart: Bool
    /// Absent if the audited interfaces do not show it.
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
    /// Who sent them; absent if the kernel did not say, and in summaries of files.
    package var sentBy: [LeakSenderEntry]?
    /// The lists that are not complete: they hold only the first names, or only those that could be read.
    package var abridged: [Names]
    package var decodingError: String?
    package var frames, bytes: Int
    /// Those of `frames` that no other entry counts: a packet seen on bridge and NIC counts once. Absent if interfaces
    /// were audited separately, so that it is unknown.
    package var packets: Int?
    /// For a leak on a bridge: the addresses that NAT gave its packets on the NIC.
    package var sourcesOnNIC: [IPAddress]?
    package var first, last: Timestamp
    /// The first frame's position in its file, counted from 1 as in Wireshark; absent in older summaries and those of a
    /// watch.
    package var firstFrame: Int?
  }

  package enum Family: String, Codable, Sendable { case ipv4, ipv6 }

  /// The lists of names that a leak has.
  package enum Names: String, Codable, CaseIterable, Comparable, Sendable {
    case details, questions, sentBy, sources

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// `wireguard+qbittorrent`, `bridge`, `host`; a container with the name "host" is written `container host`.
  package enum Owner: TextCoded, Codable, Hashable, Sendable {
    case host, bridge
    case containers([String])

    package init?(_ origin: Origin) {
      switch origin {
      case .address: return nil
      // A container without a name is written as an empty text.
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
