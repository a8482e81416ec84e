import Savefile
import TestSupport
import Testing

@Suite struct TimestampTests {
  private func nanoseconds(ticks: UInt64, resolution: UInt8?, offset: Int64? = nil) -> Int64? {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface {
          if let resolution { $0.option(9, [resolution]) }
          if let offset { $0.option(14, word: offset) }
        }
        $0.enhancedPacket([1], ticks: ticks)
      })
    #expect(replay.error == nil)
    return replay.frames.first?.nanoseconds
  }

  @Test func `counts powers of ten, microseconds by default`() {
    #expect(nanoseconds(ticks: 5, resolution: nil) == 5_000)
    #expect(nanoseconds(ticks: 5, resolution: 0) == 5_000_000_000)
    #expect(nanoseconds(ticks: 5, resolution: 3) == 5_000_000)
    #expect(nanoseconds(ticks: 5, resolution: 9) == 5)
    #expect(nanoseconds(ticks: 5_999, resolution: 12) == 5)
    #expect(nanoseconds(ticks: .max, resolution: 28) == 1)
    #expect(nanoseconds(ticks: .max, resolution: 29) == 0)
    #expect(nanoseconds(ticks: .max, resolution: 127) == 0)
  }

  @Test func `counts powers of two`() {
    #expect(nanoseconds(ticks: 5, resolution: 0x80) == 5_000_000_000)
    #expect(nanoseconds(ticks: 3, resolution: 0x81) == 1_500_000_000)
    #expect(nanoseconds(ticks: 1 << 63, resolution: 0x80 | 63) == 1_000_000_000)
    #expect(nanoseconds(ticks: .max, resolution: 0x80 | 64) == 999_999_999)
    #expect(nanoseconds(ticks: .max, resolution: 0xFF) == 0)
  }

  @Test func `adds the offset, which may be negative`() {
    #expect(nanoseconds(ticks: 5, resolution: 6, offset: 10) == 10_000_005_000)
    #expect(nanoseconds(ticks: 5, resolution: 9, offset: -10) == -9_999_999_995)
  }

  @Test func `clamps what a timestamp cannot hold`() {
    #expect(nanoseconds(ticks: .max, resolution: 0) == .max)
    #expect(nanoseconds(ticks: .max, resolution: 9) == .max)
    #expect(nanoseconds(ticks: .max, resolution: 0x80) == .max)
    #expect(nanoseconds(ticks: 0, resolution: 6, offset: .max) == .max)
    #expect(nanoseconds(ticks: 0, resolution: 6, offset: .min) == .min)
    #expect(nanoseconds(ticks: .max, resolution: 0, offset: .min) == .max)
  }

  @Test func `never traps on any resolution`() {
    var generator = SeededGenerator()
    for resolution in 0...UInt8.max {
      let ticks = UInt64.random(in: 0 ... .max, using: &generator)
      let offset = Int64.random(in: .min ... .max, using: &generator)
      #expect(nanoseconds(ticks: ticks, resolution: resolution, offset: offset) != nil, "seed \(generator.seed)")
    }
  }
}
