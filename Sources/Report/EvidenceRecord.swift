package import Audit
package import Policy
package import Savefile
package import Wire

/// A frame to be kept as evidence, as it was captured.
package struct EvidenceRecord: Sendable {
  package var bytes: [UInt8]
  /// What the link carried, in bytes.
  package var originalLength: Int
  package var timestamp: Timestamp
  package var linkType: LinkType
  package var interfaceName: String
  /// In bytes; 0 is no limit.
  package var snapLength: Int
  package var direction: RecordDirection
  /// Of the leak that it shows, or belongs to.
  package var severity: Severity
  /// What Wireshark shows beside the frame, in one line. Text from outside may be in it as it came.
  package var comment: String?

  package init(
    bytes: [UInt8], originalLength: Int, timestamp: Timestamp, linkType: LinkType, interfaceName: String,
    snapLength: Int, direction: RecordDirection, severity: Severity = .critical, comment: String? = nil
  ) {
    self.bytes = bytes
    self.originalLength = originalLength
    self.timestamp = timestamp
    self.linkType = linkType
    self.interfaceName = interfaceName
    self.snapLength = snapLength
    self.direction = direction
    self.severity = severity
    self.comment = comment
  }
}

extension EvidenceRecord {
  /// A leak's frame, with what is known of the leak beside it.
  package init(
    _ leak: Leak, _ frame: borrowing CapturedFrame, interfaceName: String, snapLength: Int, _ redactor: Redactor?
  ) {
    self.init(
      bytes: unsafe frame.bytes.withUnsafeBytes { unsafe Array($0) }, originalLength: frame.originalLength,
      timestamp: frame.timestamp, linkType: frame.linkType, interfaceName: interfaceName, snapLength: snapLength,
      direction: frame.recordDirection, severity: leak.severity, comment: LeakComment.text(leak, redactor))
  }

  /// The record with its frame as it can be shown to strangers. The comment stays: it is made redacted (`LeakComment`).
  package func redacted(_ redactor: Redactor) -> EvidenceRecord {
    var result = self
    let frame = unsafe CapturedFrame(
      bytes: bytes.span.bytes, originalLength: originalLength, timestamp: timestamp, linkType: linkType, interface: 0,
      recordDirection: direction)
    result.bytes = RedactedFrame.bytes(frame, redactor)
    result.interfaceName = redactor.scrub(value: interfaceName)
    return result
  }
}

/// What a capture counted on one interface, to be written at the evidence's end.
package struct EvidenceStatistics: Sendable {
  package var interfaceName: String
  package var counts: CaptureCounts

  package init(interfaceName: String, counts: CaptureCounts) {
    self.interfaceName = interfaceName
    self.counts = counts
  }
}

/// How much evidence is kept at most. The oldest is kept: a leak's beginning tells more than its thousandth frame.
///
/// What is written cannot be taken back. So of the whole, info may fill the first fifth, low the first two fifths, and so on:
///
///     +------+-----+--------+------+----------+
///     | info | low | medium | high | critical |   a fifth each, at least, unless worse leaks need it
///     +------+-----+--------+------+----------+
package struct EvidenceBounds: Hashable, Sendable {
  /// Of the file, in bytes.
  package var bytes: Int
  package var frames: Int

  package init(bytes: Int = 100_000_000, frames: Int = 100_000) {
    self.bytes = bytes
    self.frames = frames
  }

  /// Up to where leaks of a severity may fill the file.
  func upTo(_ severity: Severity) -> EvidenceBounds {
    let fifths = severity.rank + 1
    func part(_ whole: Int) -> Int { whole / 5 * fifths + whole % 5 * fifths / 5 }
    return EvidenceBounds(bytes: part(bytes), frames: part(frames))
  }
}
