package import Audit
package import Policy
package import Wire

/// What a summary lists.
extension Summary {
  package struct Classes: Codable, Equatable, Sendable {
    package var frames, tunnel, local, leak, allowed, ingress: Int
  }

  package struct Amount: Codable, Equatable, Sendable { package var frames, bytes: Int }

  package struct Interface: Codable, Equatable, Sendable {
    package var name: String
    package var linkType: LinkType
    package var role: InterfaceRole?
    package var frames, tunnel, local, leak, allowed, ingress: Int
    package var bytes: Classes
    package var drops: UInt64
    /// Messages of the tunnel that the capture missed, by their counters.
    package var missedMessages: UInt64
    package var first, last: Timestamp?
    /// When its frames were seen, or would have been, in order and apart. Absent in the audit of a file, which tells of the
    /// time from `first` to `last`.
    package var seen: [Part]?
  }

  /// A part of the time.
  package struct Part: Codable, Equatable, Sendable {
    package var from, to: Timestamp

    package init(from: Timestamp, to: Timestamp) { (self.from, self.to) = (from, to) }
  }

  package struct TunnelState: Codable, Equatable, Sendable {
    package var endpoint: EndpointName
    package var origin: String
    package var shape: TunnelEndpoint.Shape
    package var state: TunnelTally.State
    package var sent: [TunnelKind: Int]
    package var sentFrames, sentBytes, receivedFrames, receivedBytes, responses: Int
    /// Of `sentFrames`, those tied to the configured peer's public key.
    package var verifiedFrames: Int
    /// Absent where nothing was sent.
    package var grade: AuditSummary.Grade?
    package var foreignInitiations: Int
    package var firstHandshake: Timestamp?
    package var first, last: Timestamp?
  }

  package struct Window: Codable, Equatable, Sendable {
    package var frames: Int
    /// Absent where nobody knows which frames show the same packets, and in older summaries.
    package var packets: Int?
    package var bytes: Int
    package var first, last: Timestamp?
    package var milliseconds: Double
  }

  package struct Windows: Codable, Equatable, Sendable {
    package var beforeHandshake, whileUp, afterLast: Window
    /// Between a packet of the tunnel and the next handshake; in older summaries part of `whileUp`.
    package var beforeNewHandshake: Window?
  }

  package struct Event: Codable, Equatable, Sendable {
    package var time: Timestamp
    package var kind: Timeline.Event.Kind
    package var text: String
  }

  package struct Capture: Codable, Equatable, Sendable { package var received, droppedByKernel: UInt64 }

  package struct CaptureFile: Codable, Hashable, Sendable {
    package var name: String
    package var bytes: Int
    /// In hexadecimal digits.
    package var sha256: String

    package init(name: String, bytes: Int, sha256: String) {
      (self.name, self.bytes, self.sha256) = (name, bytes, sha256)
    }
  }

  package struct Unshown: Codable, Equatable, Sendable {
    /// Names that do not look like some.
    package var names: [String]
    /// Of files that the user has named.
    package var directories: [String]
  }

  package struct Control: Codable, Equatable, Sendable {
    package var interface: String
    /// The class that the frame would have counted in; absent where it was not seen.
    package var verdict: VerdictClass?
  }

  package struct Remedy: Codable, Hashable, Sendable {
    package var reason, action: String
  }

  /// Frames by what they have in common.
  package struct Counted<Name: TextCoded & Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    package var name: Name
    package var frames, bytes: Int
  }

  /// What a rule or the audit itself allowed.
  package struct AllowedEntry: Codable, Equatable, Sendable {
    package var name: String
    package var reason, origin: String?
    package var frames, bytes: Int
  }

  package struct Notice: Codable, Equatable, Sendable {
    package var kind: AuditSummary.Notice.Kind
    package var text: String
    /// How often, and when first, where the notice is of frames.
    package var count: Int?
    package var first: Timestamp?
    /// What the text takes from the wire that is a name, for whoever shows it without.
    package var names: [String]?
  }
}
