package import Audit
package import Policy
import Savefile
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
  /// The severity of the leak that the frame shows or belongs to.
  package var severity: Severity
  /// What Wireshark shows next to the frame, in one line. It may hold text from outside, unescaped.
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
  /// A leak's frame, with a comment on what is known about the leak.
  package init(
    _ leak: Leak, from senders: [LeakSender] = [], _ frame: borrowing CapturedFrame, interfaceName: String,
    snapLength: Int, _ redactor: Redactor?
  ) {
    self.init(
      bytes: frame.bytes.copied, originalLength: frame.originalLength,
      timestamp: frame.timestamp, linkType: frame.linkType, interfaceName: interfaceName, snapLength: snapLength,
      direction: frame.recordDirection, severity: leak.severity,
      comment: LeakComment.text(leak, from: senders, redactor))
  }

  /// The record with a frame that can be shown to strangers. The comment stays: it was redacted when made
  /// (`LeakComment`).
  package func redacted(_ redactor: Redactor) -> EvidenceRecord {
    var result = self
    let frame = CapturedFrame(
      bytes: bytes.view, originalLength: originalLength, timestamp: timestamp, linkType: linkType, interface: 0,
      recordDirection: direction)
    result.bytes = RedactedFrame.bytes(frame, redactor)
    result.interfaceName = redactor.scrub(value: interfaceName)
    return result
  }
}
