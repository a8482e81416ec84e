import TestSupport
import Testing
import Wire

/// A capture under captures/formats, as the generator makes it, and what must be found in it.
struct FormatCapture: Sendable, CustomTestStringConvertible {
  enum Compression: String { case gzip, zstd, xz, lz4 }

  /// The file's name, which says the format.
  var name: String
  var compression: Compression?
  /// The file, before compression.
  var bytes: [UInt8]
  var expectation: Expectation
  /// Whether tshark reads all of it as this program does; where not, the reason.
  var unlikeTshark: String?

  var path: String { "captures/formats/\(name)" }
  var testDescription: String { name }

  init(
    _ name: String, _ bytes: [UInt8], _ expectation: Expectation = .mix(), compression: Compression? = nil,
    unlikeTshark: String? = nil
  ) {
    self.name = name
    self.compression = compression
    self.bytes = bytes
    self.expectation = expectation
    self.unlikeTshark = unlikeTshark
  }

  /// A plain little-endian pcap file.
  init(
    _ name: String, _ linkType: LinkType, _ frames: [SampleFrame], _ expectation: Expectation = .mix(),
    unlikeTshark: String? = nil
  ) {
    self.init("\(name).pcap", PcapFile(linkType: linkType).bytes(frames), expectation, unlikeTshark: unlikeTshark)
  }

  static let all = ethernets + links + llc + pcaps + pcapngs + oddities + packets + streams
}
