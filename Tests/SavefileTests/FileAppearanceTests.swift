import Foundation
import Savefile
import TestNeeds
import TestSupport
import Testing

@Suite struct FileAppearanceTests {
  private func appearance(_ bytes: [UInt8]) -> SavefileError.Appearance? {
    guard let error = Replay(bytes).error, case .noCapture(let appearance) = error.kind else { return nil }
    #expect(error.isNoCapture)
    #expect(error.description.hasPrefix("is not a capture: it "))
    return appearance
  }

  @Test func `says what an input looks like if it is not a capture`() {
    #expect(appearance([]) == .empty)
    #expect(appearance(Array("a\n".utf8)) == .text)
    #expect(appearance(Array("{\"schema\": \"größer\"}".utf8)) == .text)
    #expect(appearance([0, 1, 2, 3, 4]) == .unknown(beginning: [0, 1, 2, 3]))
    #expect(appearance([0xD4]) == .unknown(beginning: [0xD4]))
    #expect(appearance(Array("BZh9".utf8)) == .otherCompression(name: "bzip2"))
  }

  @Test(
    arguments: [
      ([0xA1, 0xB2, 0x34, 0xCD], "modified pcap of F. Mesquita"), ([0x4D, 0x3C, 0x2B, 0xA1], "Navtel pcap"),
      ([0xCD, 0xC3, 0xB2, 0xA1], "a1b2c3cd pcap"), ([0x1C, 0, 1, 0xAC], "Ixia hardware pcap"),
      ([0xAB, 1, 0, 0x1C], "Ixia software pcap"),
    ] as [([UInt8], String)])
  func `refuses historical variants by name`(magic: [UInt8], name: String) {
    #expect(appearance(magic + sampleFrame(40)) == .otherFormat(name: name))
  }

  @Test(.needs(.gzip)) func `refuses compression inside compression`() throws {
    let twice = try compress(compress(Samples.pcap.bytes, with: "gzip"), with: "zstd")
    #expect(appearance(twice) == .nestedCompression(.gzip))
  }

  @Test func `distinguishes missing files, directories and forbidden files`() throws {
    let directory = try TemporaryDirectory()
    #expect(replay(directory.path("missing.pcap")).error?.isMissing == true)
    #expect(replay(directory.path("missing/capture.pcap")).error?.isMissing == true)
    #expect(replay(directory.path(".")).error?.kind == .noCapture(.directory))
    let forbidden = try directory.file("forbidden.pcap", Samples.pcap.bytes)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: forbidden)
    // The superuser may read it all the same.
    if getuid() == 0 {
      #expect(replay(forbidden).error == nil)
    } else {
      #expect(replay(forbidden).error?.isPermission == true)
    }
  }

  @Test func `knows the size of a file and how much was read`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("capture.pcap", Samples.pcap.bytes)
    var reader = try SavefileReader(ByteStream(path: path))
    let (name, format, size, start) = (reader.name, reader.format, reader.fileSize, reader.position)
    #expect(name == path)
    #expect(format == .pcap)
    #expect(size == UInt64(Samples.pcap.bytes.count))
    #expect(start == 0)
    _ = try reader.advance()
    let first = reader.position
    #expect(first == 24)
    while try reader.advance() {}
    let (end, read) = (reader.position, reader.bytesRead)
    #expect(end == UInt64(Samples.pcap.bytes.count))
    #expect(read == UInt64(Samples.pcap.bytes.count))
  }
}

func replay(_ path: String) -> Replay {
  do throws(SavefileError) {
    return Replay(try ByteStream(path: path))
  } catch {
    var replay = Replay([])
    replay.error = error
    return replay
  }
}
