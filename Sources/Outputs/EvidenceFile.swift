import Foundation
import Glibc
import Report
import Savefile
package import Wire

/// A frame as evidence: untouched bytes, and what the audit says of it.
package struct EvidenceRecord: Sendable {
  package var bytes: [UInt8]
  package var originalLength: Int
  package var timestamp: Timestamp
  package var linkType: LinkType
  package var interface: String
  package var direction: RecordDirection
  package var comment: String?

  package init(
    bytes: [UInt8], originalLength: Int, timestamp: Timestamp, linkType: LinkType, interface: String,
    direction: RecordDirection, comment: String?
  ) {
    self.bytes = bytes
    self.originalLength = originalLength
    self.timestamp = timestamp
    self.linkType = linkType
    self.interface = interface
    self.direction = direction
    self.comment = comment
  }
}

/// A pcapng file of leaking frames, bounded in bytes and frames: the oldest are kept, what comes after is counted.
///
/// Each block is one write(2), so a crash loses at most the one being written. Where a write fails or is cut short the file
/// is cut back to its last whole block and stays readable; what was lost is counted, and writing is tried again with the
/// next frame.
package struct EvidenceFile: ~Copyable {
  package struct Limits: Sendable {
    package var bytes: Int
    package var frames: Int

    package init(bytes: Int, frames: Int) {
      self.bytes = bytes
      self.frames = frames
    }
  }

  /// What became of the frames.
  package struct Outcome: Sendable, CustomStringConvertible {
    package var path: String
    package var limits: Limits
    package var written = 0
    package var bytes = 0
    /// Frames that came after the bound was reached.
    package var beyondLimits = 0
    package var lost = 0
    package var failure: String?

    package var description: String {
      var text = "evidence \(Formatting.safe(path)): \(Formatting.count(written, "frame")), \(Formatting.bytes(bytes))"
      if beyondLimits > 0 {
        text +=
          "; \(Formatting.count(beyondLimits, "later frame")) beyond its bound of \(Formatting.bytes(limits.bytes)) or "
          + Formatting.count(limits.frames, "frame")
      }
      if lost > 0 { text += "; \(Formatting.count(lost, "frame")) not written: \(failure ?? "unknown")" }
      return text
    }
  }

  package private(set) var outcome: Outcome
  private let file: OwnedDescriptor
  private let snapLength: Int
  private var interfaces: [String] = []
  private var isFull = false

  /// Makes the file in a directory, readable by its owner only: `leakaudit-20261124T220010Z.pcapng`, with a number where
  /// that exists. Needs no more than the descriptor afterwards.
  package static func create(
    in directory: String, limits: Limits, snapLength: Int, application: String
  ) throws(DeliveryFailure) -> EvidenceFile {
    let (number, path) = try make(in: directory)
    var file = EvidenceFile(OwnedDescriptor(number), Outcome(path: path, limits: limits), snapLength: snapLength)
    guard file.append(PcapngEncoding.sectionHeader(application: application)) else {
      throw DeliveryFailure("evidence \(Formatting.safe(path)): \(file.outcome.failure ?? "cannot be written")")
    }
    return file
  }

  private init(_ file: consuming OwnedDescriptor, _ outcome: Outcome, snapLength: Int) {
    self.file = file
    self.outcome = outcome
    self.snapLength = snapLength
  }

  private static func make(in directory: String) throws(DeliveryFailure) -> (number: Int32, path: String) {
    let stamp = stamp()
    for attempt in 0..<100 {
      let path = "\(directory)/leakaudit-\(stamp)\(attempt == 0 ? "" : "-\(attempt)").pcapng"
      let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if number >= 0 { return (number, path) }
      guard errno == EEXIST else {
        throw DeliveryFailure("evidence \(Formatting.safe(path)): \(SystemError.message(errno))")
      }
    }
    throw DeliveryFailure("evidence \(Formatting.safe(directory)): too many files of this second")
  }

  package mutating func write(_ record: EvidenceRecord) {
    guard !isFull else {
      outcome.beyondLimits += 1
      return
    }
    var blocks: [UInt8] = []
    let key = "\(record.linkType.rawValue) \(record.interface)"
    let known = interfaces.firstIndex(of: key)
    if known == nil {
      blocks = PcapngEncoding.interfaceDescription(
        name: record.interface, linkType: record.linkType, snapLength: snapLength)
    }
    blocks += PcapngEncoding.enhancedPacket(
      interface: known ?? interfaces.count, timestamp: record.timestamp, bytes: record.bytes,
      originalLength: record.originalLength, direction: record.direction, comment: record.comment)
    guard outcome.bytes + blocks.count <= outcome.limits.bytes, outcome.written < outcome.limits.frames else {
      isFull = true
      outcome.beyondLimits += 1
      return
    }
    guard append(blocks) else {
      outcome.lost += 1
      return
    }
    if known == nil { interfaces.append(key) }
    outcome.written += 1
  }

  /// Frames that were lost before they came here.
  package mutating func noteLost(_ count: Int, _ reason: String) {
    guard count > 0 else { return }
    outcome.lost += count
    if outcome.failure == nil { outcome.failure = reason }
  }

  /// Writes whole or not at all.
  private mutating func append(_ bytes: [UInt8]) -> Bool {
    var written: Int
    repeat {
      written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }
    } while written < 0 && errno == EINTR
    if written == bytes.count {
      outcome.bytes += written
      return true
    }
    if outcome.failure == nil {
      outcome.failure = written < 0 ? SystemError.message(errno) : "a write was cut short; is the disk full?"
    }
    if written > 0 {
      _ = ftruncate(file.number, off_t(outcome.bytes))
      _ = lseek(file.number, off_t(outcome.bytes), SEEK_SET)
    }
    return false
  }

  private static func stamp() -> String {
    var now = time(nil)
    var parts = unsafe tm()
    unsafe gmtime_r(&now, &parts)
    let numbers = unsafe [
      parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
    ]
    let digits = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
    return digits[0] + digits[1] + digits[2] + "T" + digits[3] + digits[4] + digits[5] + "Z"
  }
}
