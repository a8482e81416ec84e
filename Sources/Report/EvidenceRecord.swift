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
  /// What Wireshark shows beside the frame, in one line. Text from outside may be in it as it came.
  package var comment: String?

  package init(
    bytes: [UInt8], originalLength: Int, timestamp: Timestamp, linkType: LinkType, interfaceName: String,
    snapLength: Int, direction: RecordDirection, comment: String? = nil
  ) {
    self.bytes = bytes
    self.originalLength = originalLength
    self.timestamp = timestamp
    self.linkType = linkType
    self.interfaceName = interfaceName
    self.snapLength = snapLength
    self.direction = direction
    self.comment = comment
  }
}

extension EvidenceRecord {
  /// The record with its frame as it can be shown to strangers. The comment stays: it is made redacted (`LeakComment`).
  package func redacted(_ redactor: Redactor) -> EvidenceRecord {
    var result = self
    let frame = unsafe CapturedFrame(
      bytes: bytes.span.bytes, originalLength: originalLength, timestamp: timestamp, linkType: linkType, interface: 0,
      recordDirection: direction)
    result.bytes = RedactedFrame.bytes(frame, redactor)
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
package struct EvidenceBounds: Hashable, Sendable {
  /// Of the file, in bytes.
  package var bytes: Int
  package var frames: Int

  package init(bytes: Int = 100_000_000, frames: Int = 100_000) {
    self.bytes = bytes
    self.frames = frames
  }
}
