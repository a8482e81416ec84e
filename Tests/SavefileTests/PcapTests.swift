import Savefile
import Testing
import Wire

@Suite struct PcapTests {
  @Test(arguments: [false, true])
  func `reads frames, lengths and microseconds in either byte order`(bigEndian: Bool) {
    let replay = Replay(
      savefile(bigEndian: bigEndian) {
        $0.pcapHeader(snapLength: 96)
        $0.pcapRecord(seconds: 1_700_000_000, fraction: 999_999, sampleFrame(60), original: 1500)
        $0.pcapRecord(seconds: 5, fraction: 0, [])
      })
    #expect(replay.error == nil)
    #expect(replay.lengths == [60, 0])
    #expect(replay.frames[0].bytes == sampleFrame(60))
    #expect(replay.frames.map(\.originalLength) == [1500, 0])
    #expect(replay.frames.map(\.nanoseconds) == [1_700_000_000_999_999_000, 5_000_000_000])
    #expect(replay.frames.allSatisfy { $0.linkType == .ethernet && $0.interface == 0 && $0.direction == .unknown })
    #expect(replay.interfaces.map(\.snapLength) == [96])
    #expect(replay.interfaces.map(\.name) == [nil])
  }

  @Test(arguments: [false, true])
  func `reads nanoseconds`(bigEndian: Bool) {
    let replay = Replay(
      savefile(bigEndian: bigEndian) {
        $0.pcapHeader(magic: 0xA1B2_3C4D)
        $0.pcapRecord(seconds: 7, fraction: 123_456_789, [1])
      })
    #expect(replay.frames.map(\.nanoseconds) == [7_123_456_789])
  }

  @Test func `carries microseconds over, lets time run backwards, and takes seconds as unsigned`() {
    let replay = Replay(
      savefile {
        $0.pcapHeader()
        $0.pcapRecord(seconds: .max, fraction: .max, [1])
        $0.pcapRecord(seconds: 1, fraction: 1_000_000, [1])
      })
    #expect(replay.error == nil)
    #expect(replay.frames.map(\.nanoseconds) == [4_294_967_295_000_000_000 + 4_294_967_295_000, 2_000_000_000])
  }

  @Test func `accepts a captured length above the snap length or the original length`() {
    let replay = Replay(
      savefile {
        $0.pcapHeader(snapLength: 20)
        $0.pcapRecord(sampleFrame(40), original: 30)
        $0.pcapHeader(snapLength: 0)
      })
    #expect(replay.frames.first?.bytes.count == 40)
    #expect(replay.frames.first?.originalLength == 40)
  }

  @Test func `a snap length of 0 means none`() {
    let replay = Replay(
      savefile {
        $0.pcapHeader(snapLength: 0)
        $0.pcapRecord(sampleFrame(60))
      })
    #expect(replay.lengths == [60])
    #expect(replay.error == nil)
  }

  @Test func `accepts 262144 captured bytes, and more only with a larger snap length`() {
    func replay(_ captured: Int, snapLength: UInt32) -> Replay {
      Replay(
        savefile {
          $0.pcapHeader(snapLength: snapLength)
          $0.pcapRecord(sampleFrame(captured))
        })
    }
    #expect(replay(262_144, snapLength: 96).lengths == [262_144])
    #expect(
      replay(262_145, snapLength: 96).error?.kind == .malformed(.capturedLength(262_145, limit: 262_144)))
    #expect(replay(262_145, snapLength: 400_000).lengths == [262_145])
    let huge = Replay(
      savefile {
        $0.pcapHeader(snapLength: .max)
        $0.pcapRecord([], captured: 16 << 20 | 1)
      })
    #expect(huge.error?.kind == .malformed(.capturedLength(16 << 20 | 1, limit: 16 << 20)))
    #expect(huge.error?.position == 24)
  }

  @Test(arguments: [(2, 0), (2, 1), (2, 2), (543, 0)] as [(UInt16, UInt16)])
  func `old versions store the original length first`(version: (UInt16, UInt16)) {
    let replay = Replay(
      savefile {
        $0.pcapHeader(version: version)
        $0.pcapRecord(sampleFrame(60), captured: 100, original: 60)
        $0.pcapRecord([9])
      })
    #expect(replay.error == nil)
    #expect(replay.lengths == [60, 1])
    #expect(replay.frames.map(\.originalLength) == [100, 1])
  }

  @Test func `in version 2.3 the smaller length is the captured one`() {
    let replay = Replay(
      savefile {
        $0.pcapHeader(version: (2, 3))
        $0.pcapRecord(sampleFrame(60), captured: 100, original: 60)
        $0.pcapRecord(sampleFrame(50), captured: 50, original: 90)
      })
    #expect(replay.lengths == [60, 50])
    #expect(replay.frames.map(\.originalLength) == [100, 90])
  }

  @Test(arguments: [(1, 2), (2, 5), (3, 0), (543, 1)] as [(UInt16, UInt16)])
  func `refuses versions whose layout is not known`(version: (UInt16, UInt16)) {
    let error = Replay(savefile { $0.pcapHeader(version: version) }).error
    #expect(error?.kind == .unsupportedVersion(.pcap, major: version.0, minor: version.1))
    #expect(error?.isNoCapture == true)
  }

  @Test(arguments: [false, true])
  func `reads the modified variant with its packet types`(bigEndian: Bool) {
    let replay = Replay(
      savefile(bigEndian: bigEndian) { file in
        file.pcapHeader(magic: 0xA1B2_CD34)
        for type in [0, 3, 4, 5] as [UInt8] {
          file.word(UInt32(1))
          file.word(UInt32(2))
          file.word(UInt32(3))
          file.word(UInt32(60))
          file.word(UInt32(7))
          file.word(UInt16(0x0800))
          file.append([type, 0])
          file.append([1, 2, type])
        }
      })
    #expect(replay.error == nil)
    #expect(replay.frames.map(\.direction) == [.incoming, .incoming, .outgoing, .unknown])
    #expect(replay.frames.map(\.bytes) == [[1, 2, 0], [1, 2, 3], [1, 2, 4], [1, 2, 5]])
  }

  @Test func `cuts off a frame check sequence as far as it was captured`() {
    // Two units of 16 bits, and the bit that says they are given.
    let replay = Replay(
      savefile {
        $0.pcapHeader(linkType: 0x2400_0001)
        $0.pcapRecord(sampleFrame(64))
        $0.pcapRecord(sampleFrame(62), original: 64)
        $0.pcapRecord(sampleFrame(30), original: 64)
        $0.pcapRecord(sampleFrame(3))
      })
    #expect(replay.lengths == [60, 60, 30, 0])
    #expect(replay.frames.map(\.originalLength) == [60, 60, 60, 0])
    #expect(replay.frames[0].bytes == sampleFrame(60))
  }

  @Test func `ignores a check sequence length without its flag bit`() {
    let replay = Replay(
      savefile {
        $0.pcapHeader(linkType: 0x2000_0001)
        $0.pcapRecord(sampleFrame(64))
      })
    #expect(replay.lengths == [64])
  }

  @Test(arguments: [0x0001_0001, 0x0200_0001, 0x0800_0001] as [UInt32])
  func `refuses reserved bits in the link type field`(field: UInt32) {
    let error = Replay(savefile { $0.pcapHeader(linkType: field) }).error
    #expect(error?.kind == .reservedLinkTypeBits(field: field))
  }

  @Test func `refuses an unsupported link type, or passes over its frames and counts them`() {
    let bytes = savefile {
      $0.pcapHeader(linkType: 127)
      $0.pcapRecord([1])
      $0.pcapRecord([2, 3])
    }
    let error = Replay(bytes).error
    #expect(error?.kind == .unsupportedLinkType(LinkType(rawValue: 127), interface: 0, name: nil))
    #expect(error?.isUnsupportedLinkType == true)
    let skipped = Replay(bytes, skipUnsupported: true)
    #expect(skipped.error == nil)
    #expect(skipped.frames.isEmpty)
    #expect(skipped.interfaces.map(\.skippedFrames) == [2])
    #expect(skipped.interfaces.map(\.isSkipped) == [true])
  }

  @Test func `returns the frames before a cut, then reports where and how much is missing`() {
    let whole = savefile {
      $0.pcapHeader()
      $0.pcapRecord(sampleFrame(60))
      $0.pcapRecord(sampleFrame(70))
    }
    let body = Replay(Array(whole.dropLast()))
    #expect(body.lengths == [60])
    #expect(body.error?.kind == .cut(needed: 86, available: 85))
    #expect(body.error?.position == 100)
    let header = Replay(Array(whole.prefix(110)))
    #expect(header.error?.kind == .cut(needed: 16, available: 10))
  }
}
