import Savefile
import Testing

@Suite struct PcapngDamageTests {
  typealias Malformation = SavefileError.Malformation

  /// One good frame at byte 28 + 20, then what the test adds at byte 84.
  private func replay(_ damage: (inout ByteBuilder) -> Void) -> Replay {
    Replay(
      savefile {
        $0.section()
        $0.interface()
        $0.enhancedPacket([1, 2, 3, 4])
        damage(&$0)
      })
  }

  private func expect(
    _ malformation: Malformation, sourceLocation: SourceLocation = #_sourceLocation,
    _ damage: (inout ByteBuilder) -> Void
  ) {
    let replay = replay(damage)
    #expect(replay.lengths == [4], sourceLocation: sourceLocation)
    #expect(replay.error?.kind == .malformed(malformation), sourceLocation: sourceLocation)
    #expect(replay.error?.position == 84, sourceLocation: sourceLocation)
  }

  @Test func `refuses impossible block lengths`() {
    for length in [0, 4, 11] as [UInt32] {
      expect(.blockLength(length, minimum: 12)) { $0.block(0xBAD, length: length) { _ in } }
    }
    expect(.blockLength(28, minimum: 32)) { $0.block(6, length: 28) { $0.append(sampleFrame(20)) } }
    expect(.blockLengthNotMultipleOfFour(33)) { $0.block(6, length: 33) { $0.append(sampleFrame(24)) } }
    expect(.blockLengthNotMultipleOfFour(15)) { $0.block(0xBAD, length: 15) { $0.append(sampleFrame(4)) } }
    expect(.blockTooLong(0xFFFF_FFFC, limit: 17 << 20)) {
      $0.block(6, length: 0xFFFF_FFFC) { $0.append(sampleFrame(24)) }
    }
  }

  @Test func `refuses a trailing length that differs`() {
    expect(.trailingLength(36, leading: 32)) { $0.block(6, trailing: 36) { $0.append(sampleFrame(20)) } }
    expect(.trailingLength(20, leading: 16)) { $0.block(0xBAD, trailing: 20) { $0.append(sampleFrame(4)) } }
  }

  @Test func `refuses captured bytes beyond the block`() {
    expect(.capturedLengthBeyondBlock(captured: 5, room: 4)) { $0.enhancedPacket([1, 2, 3, 4], captured: 5) }
    expect(.capturedLength(.init(UInt32.max), limit: 262_144)) { $0.enhancedPacket([1], captured: .max) }
  }

  @Test func `refuses packets and statistics of interfaces that were not described`() {
    expect(.undescribedInterface(1, described: 1)) { $0.enhancedPacket([1], interface: 1) }
    expect(.undescribedInterface(.max, described: 1)) { $0.enhancedPacket([1], interface: .max) }
    expect(.undescribedInterface(7, described: 1)) { $0.statistics(interface: 7) { _ in } }
    let simple = Replay(
      savefile {
        $0.section()
        $0.block(3) { $0.word(UInt32(0)) }
      })
    #expect(simple.error?.kind == .malformed(.undescribedInterface(0, described: 0)))
    let restarted = Replay(
      savefile {
        $0.section()
        $0.interface()
        $0.section()
        $0.enhancedPacket([1])
      })
    #expect(restarted.error?.kind == .malformed(.undescribedInterface(0, described: 0)))
  }

  @Test func `refuses options that run past their block`() {
    expect(.optionBeyondBlock(code: 1, length: 8, room: 4)) {
      $0.enhancedPacket([1]) {
        $0.word(UInt16(1))
        $0.word(UInt16(8))
        $0.append([1, 2, 3, 4])
      }
    }
    expect(.optionBeyondBlock(code: 2, length: 65_535, room: 0)) {
      $0.interface {
        $0.word(UInt16(2))
        $0.word(UInt16.max)
      }
    }
    expect(.optionBeyondBlock(code: 4, length: 5, room: 4)) {
      $0.section {
        $0.word(UInt16(4))
        $0.word(UInt16(5))
        $0.append([1, 2, 3, 4])
      }
    }
  }

  @Test func `refuses options that are repeated, invalid or of impossible length`() {
    expect(.optionLength(code: 9, length: 2)) { $0.interface { $0.option(9, [6, 6]) } }
    expect(.optionLength(code: 14, length: 4)) { $0.interface { $0.option(14, word: UInt32(1)) } }
    expect(.repeatedOption(code: 9)) {
      $0.interface {
        $0.option(9, [6])
        $0.option(9, [9])
      }
    }
    expect(.checkSequenceLength(8)) { $0.interface { $0.option(13, [8]) } }
    expect(.optionLength(code: 2, length: 2)) { $0.enhancedPacket([1]) { $0.option(2, [1, 2]) } }
  }

  @Test func `refuses a section without a byte order`() {
    expect(.byteOrderMagic(0x0102_0304)) {
      $0.block(0x0A0D_0D0A) { $0.append([1, 2, 3, 4] + sampleFrame(12)) }
    }
  }

  @Test func `refuses a section of another version`() {
    let error = Replay(savefile { $0.section(version: (2, 0)) }).error
    #expect(error?.kind == .unsupportedVersion(.pcapng, major: 2, minor: 0))
  }

  @Test func `reports how much of a skipped 4 GiB block the file has`() {
    let replay = replay { $0.block(0xBAD, length: 0xFFFF_FFFC) { $0.append(sampleFrame(20_000)) } }
    #expect(replay.lengths == [4])
    #expect(replay.error?.kind == .cut(needed: 0xFFFF_FFFC, available: 20_012))
    #expect(replay.error?.position == 84)
  }
}
