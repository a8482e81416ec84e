import Report
import Savefile
import TestSupport
import Wire

/// A file's frames as the project's own reader returns them, and where it stops.
struct EvidenceReplay {
  var records: [EvidenceRecord] = []
  var interfaces: [SavefileInterface] = []
  var error: SavefileError?

  init(_ path: String) {
    do throws(SavefileError) { try read(ByteStream(path: path)) } catch { self.error = error }
  }

  init(bytes: [UInt8]) {
    do throws(SavefileError) { try read(ByteStream(bytes: bytes)) } catch { self.error = error }
  }

  private mutating func read(_ stream: consuming ByteStream) throws(SavefileError) {
    var reader = try SavefileReader(stream)
    defer { interfaces = reader.interfaces }
    while try reader.advance() { records.append(EvidenceRecord(reader.frame, reader.interfaces)) }
  }

  var isCut: Bool {
    if case .cut = error?.kind { true } else { false }
  }
}

extension EvidenceRecord {
  init(_ frame: borrowing CapturedFrame, _ interfaces: [SavefileInterface]) {
    let bytes = frame.bytes
    let interface = interfaces[frame.interface]
    self.init(
      bytes: (0..<bytes.byteCount).map { bytes.uint8(at: $0) }, originalLength: frame.originalLength,
      timestamp: frame.timestamp, linkType: frame.linkType, interfaceName: interface.name ?? "",
      snapLength: Int(interface.snapLength), direction: frame.recordDirection)
  }

  /// The n-th of a series: n determines its length, time and bytes.
  static func sample(_ number: Int, length: Int? = nil, on interface: String = "eth0", comment: String? = nil) -> Self {
    let length = length ?? 60 + number * 37 % 1400
    return Self(
      bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }, originalLength: length + number % 3,
      timestamp: Timestamp(nanoseconds: 1_764_025_801_123_456_789 + Int64(number) * 1_000_000), linkType: .ethernet,
      interfaceName: interface, snapLength: 262_144, direction: [.incoming, .outgoing, .unknown][number % 3],
      comment: comment)
  }

  /// All that a savefile keeps of it, except the comment.
  func isSame(as other: Self) -> Bool {
    bytes == other.bytes && originalLength == other.originalLength && timestamp == other.timestamp
      && linkType == other.linkType && interfaceName == other.interfaceName && snapLength == other.snapLength
      && direction == other.direction
  }
}

extension EvidenceFile {
  /// 2025-11-24T23:10:01.5Z.
  static let sampleTime = Timestamp(nanoseconds: 1_764_025_801_500_000_000)

  init(
    in directory: String, bounds: EvidenceBounds = EvidenceBounds(), retryInterval: Int64 = 1_000_000_000
  ) throws(EvidenceFileError) {
    try self.init(
      in: directory, at: Self.sampleTime, application: "leakaudit 0.1.0", bounds: bounds, retryInterval: retryInterval)
  }
}
