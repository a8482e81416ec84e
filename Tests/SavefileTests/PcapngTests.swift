import Savefile
import Testing
import Wire

@Suite struct PcapngTests {
  @Test(arguments: [false, true])
  func `reads enhanced packets in either byte order`(bigEndian: Bool) {
    let replay = Replay(
      savefile(bigEndian: bigEndian) {
        $0.section { $0.option(4, Array("a writer".utf8)) }
        $0.interface("eth0", snapLength: 96)
        $0.enhancedPacket(sampleFrame(61), ticks: 1_700_000_000_123_456, original: 1500)
        $0.enhancedPacket([], ticks: 1)
      })
    #expect(replay.error == nil)
    #expect(replay.lengths == [61, 0])
    #expect(replay.frames[0].bytes == sampleFrame(61))
    #expect(replay.frames.map(\.originalLength) == [1500, 0])
    #expect(replay.frames.map(\.nanoseconds) == [1_700_000_000_123_456_000, 1000])
    #expect(replay.interfaces.map(\.name) == ["eth0"])
    #expect(replay.interfaces.map(\.snapLength) == [96])
  }

  @Test func `reads sections of different byte order and given length`() {
    let swapped = savefile(bigEndian: true) {
      $0.section(length: 24)
      $0.interface("br0")
      $0.enhancedPacket([2])
    }
    let replay = Replay(
      savefile {
        $0.section(version: (1, 2))
        $0.interface("eth0")
        $0.enhancedPacket([1])
        $0.append(swapped)
      })
    #expect(replay.error == nil)
    #expect(replay.frames.map(\.bytes) == [[1], [2]])
    #expect(replay.frames.map(\.interface) == [0, 1])
  }

  @Test func `merges interfaces of later sections by name and link type, and never within one`() {
    let replay = Replay(
      savefile { file in
        file.section()
        file.interface("eth0")
        file.interface("eth0")
        file.interface()
        file.section()
        file.interface("wg0", linkType: 101)
        file.interface("eth0")
        file.interface("eth0", linkType: 101)
        file.interface()
        file.interface("eth0")
        file.interface("eth0")
        for number in 0..<6 as Range<UInt32> { file.enhancedPacket([UInt8(number)], interface: number) }
      })
    #expect(replay.error == nil)
    #expect(replay.frames.map(\.interface) == [3, 0, 4, 5, 1, 6])
    #expect(replay.interfaces.map(\.name) == ["eth0", "eth0", nil, "wg0", "eth0", nil, "eth0"])
    #expect(replay.frames.map(\.linkType.rawValue) == [101, 1, 101, 1, 1, 1])
  }

  @Test func `interfaces may be described between frames`() {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface("a")
        $0.enhancedPacket([1])
        $0.interface("b")
        $0.enhancedPacket([2], interface: 1)
      })
    #expect(replay.frames.map(\.interface) == [0, 1])
  }

  @Test func `reads simple packets as the first interface's, cut at its snap length, at the time before`() {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface("eth0", snapLength: 8)
        $0.enhancedPacket([1], ticks: 77)
        $0.block(3) {
          $0.word(UInt32(100))
          $0.append(sampleFrame(8))
        }
        $0.block(3) {
          $0.word(UInt32(3))
          $0.append([1, 2, 3])
        }
      })
    #expect(replay.error == nil)
    #expect(replay.lengths == [1, 8, 3])
    #expect(replay.frames.map(\.originalLength) == [1, 100, 3])
    #expect(replay.frames.map(\.nanoseconds) == [77_000, 77_000, 77_000])
  }

  @Test func `reads the obsolete packet block with its drop count`() {
    let replay = Replay(
      savefile { file in
        file.section()
        file.interface("a")
        file.interface("b")
        for drops in [3, .max, 0] as [UInt16] {
          file.block(2) {
            $0.word(UInt16(1))
            $0.word(drops)
            $0.word(UInt32(0))
            $0.word(UInt32(5))
            $0.word(UInt32(2))
            $0.word(UInt32(60))
            $0.append([8, 9, 0, 0])
            $0.option(2, word: UInt32(2))
          }
        }
      })
    #expect(replay.error == nil)
    #expect(replay.frames.map(\.bytes) == [[8, 9], [8, 9], [8, 9]])
    #expect(replay.frames.allSatisfy { $0.interface == 1 && $0.originalLength == 60 && $0.direction == .outgoing })
    #expect(replay.interfaces.map(\.drops) == [0, 3])
  }

  @Test func `passes over blocks that it does not know`() {
    let replay = Replay(
      savefile { file in
        file.section()
        for type in [4, 7, 8, 10, 0xBAD, 0x4000_0BAD, 0x8000_0001] as [UInt32] {
          file.block(type) { $0.append(sampleFrame(9000)) }
          file.block(type) { _ in }
        }
        file.interface()
        file.enhancedPacket([1])
      }, windowCapacity: 64)
    #expect(replay.error == nil)
    #expect(replay.lengths == [1])
  }

  @Test(arguments: [(0, .unknown), (1, .incoming), (2, .outgoing), (3, .unknown)] as [(UInt32, RecordDirection)])
  func `reads a packet's direction`(bits: UInt32, direction: RecordDirection) {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface()
        $0.enhancedPacket([1]) {
          $0.option(1, Array("a comment".utf8))
          $0.option(2, word: bits | 0xFF00_0000)
          $0.endOfOptions()
        }
        $0.enhancedPacket([2])
      })
    #expect(replay.frames.map(\.direction) == [direction, .unknown])
  }

  @Test(arguments: [2, 4, 16, 32] as [UInt8])
  func `cuts off a check sequence whose length is given in bytes or bits`(length: UInt8) {
    let bytes = Int(length > 4 ? length / 8 : length)
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface { $0.option(13, [length]) }
        $0.enhancedPacket(sampleFrame(64))
        $0.enhancedPacket(sampleFrame(64)) { $0.option(2, word: UInt32(3 << 5)) }
      })
    #expect(replay.lengths == [64 - bytes, 61])
    #expect(replay.frames.map(\.originalLength) == [64 - bytes, 61])
  }

  @Test func `takes the larger drop count of statistics and packets, and adds up sections`() {
    func section(_ file: inout ByteBuilder, packets: UInt64, statistics: [UInt64]) {
      file.section()
      file.interface("eth0")
      file.enhancedPacket([1]) { $0.option(4, word: packets) }
      for count in statistics {
        file.statistics {
          $0.option(5, word: count)
          $0.option(7, word: UInt64(1))
          $0.option(4, word: UInt64(500))
          $0.option(8, word: UInt64(400))
        }
      }
    }
    let replay = Replay(
      savefile {
        section(&$0, packets: 2, statistics: [4, 9])
        section(&$0, packets: 100, statistics: [3])
      })
    #expect(replay.error == nil)
    #expect(replay.interfaces.map(\.drops) == [110])
    #expect(replay.interfaces.map(\.received) == [500])
    #expect(replay.interfaces.map(\.delivered) == [400])
  }

  @Test func `clamps drop counts that overflow`() {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface()
        $0.statistics {
          $0.option(5, word: UInt64.max)
          $0.option(7, word: UInt64.max)
        }
        $0.section()
        $0.interface()
        $0.enhancedPacket([1]) { $0.option(4, word: UInt64.max) }
      })
    #expect(replay.error == nil)
    #expect(replay.interfaces.map(\.drops) == [.max, .max])
  }

  @Test func `refuses an unsupported interface by name, or passes over its frames`() {
    let bytes = savefile {
      $0.section()
      $0.interface("eth0")
      $0.interface("mon0", linkType: 127)
      $0.enhancedPacket([1], interface: 1)
      $0.enhancedPacket([2], interface: 0)
      $0.enhancedPacket([3], interface: 1)
    }
    let error = Replay(bytes).error
    #expect(error?.kind == .unsupportedLinkType(LinkType(rawValue: 127), interface: 1, name: "mon0"))
    #expect(error?.position == 56)
    let skipped = Replay(bytes, skipUnsupported: true)
    #expect(skipped.frames.map(\.bytes) == [[2]])
    // As Wireshark counts, which shows all of them.
    #expect(skipped.frames.map(\.number) == [2])
    #expect(skipped.interfaces.map(\.skippedFrames) == [0, 2])
    #expect(skipped.interfaces.map(\.isSkipped) == [false, true])
  }
}
