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
    /// The tunnel's messages that the capture missed, according to their counters.
    package var missedMessages: UInt64
    package var first, last: Timestamp?
    /// The times when its frames were seen, or would have been: sorted parts that do not touch. Absent in the audit of
    /// a file, which covers the time from `first` to `last`.
    package var seen: [Part]?
  }

  /// A span of time.
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
    /// Those of `sentFrames` that are tied to the configured peer's public key.
    package var verifiedFrames: Int
    /// Absent if nothing was sent.
    package var grade: AuditSummary.Grade?
    package var foreignInitiations: Int
    package var firstHandshake: Timestamp?
    package var first, last: Timestamp?
  }

  package struct Window: Codable, Equatable, Sendable {
    package var frames: Int
    /// Absent if it is unknown which frames show the same packets, and in older summaries.
    package var packets: Int?
    package var bytes: Int
    package var first, last: Timestamp?
    package var milliseconds: Double
  }

  package struct Windows: Codable, Equatable, Sendable {
    package var beforeHandshake, whileUp, afterLast: Window
    /// Between a packet of the tunnel and the next handshake; older summaries count this in `whileUp`.
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
    /// The hash in hexadecimal digits.
    package var sha256: String

    package init(name: String, bytes: Int, sha256: String) {
      (self.name, self.bytes, self.sha256) = (name, bytes, sha256)
    }
  }

  package struct Unshown: Codable, Equatable, Sendable {
    /// Names that do not look like names.
    package var names: [String]
    /// The directories of files that the user named.
    package var directories: [String]
  }

  package struct Control: Codable, Equatable, Sendable {
    package var interface: String
    /// The class that the frame would have counted in; absent if it was not seen.
    package var verdict: VerdictClass?
  }

  package struct Remedy: Codable, Hashable, Sendable {
    package var reason, action: String
  }

  /// Frames that have something in common.
  package struct Counted<Name: TextCoded & Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    package var name: Name
    package var frames, bytes: Int
  }

  /// Frames that a rule or the audit itself allowed.
  package struct AllowedEntry: Codable, Equatable, Sendable {
    package var name: String
    package var reason, origin: String?
    package var frames, bytes: Int
  }

  package struct Notice: Codable, Equatable, Sendable {
    package var kind: AuditSummary.Notice.Kind
    package var text: String
    /// How often it happened, and when first; only if the notice is about frames.
    package var count: Int?
    package var first: Timestamp?
    /// Names that the text takes from the wire, so that redaction can replace them.
    package var names: [String]?
  }
}
