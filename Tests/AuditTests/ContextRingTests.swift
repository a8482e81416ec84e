import Audit
import TestSupport
import Testing
import Wire

@Suite struct ContextRingTests {
  private func frame(_ number: Int, length: Int, original: Int? = nil) -> SampleFrame {
    SampleFrame(
      (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 11 &+ number) }, [.ethernet, .raw, .linuxCooked][number % 3],
      originalLength: original, time: Timestamp(nanoseconds: Int64(number)), interface: number % 5,
      direction: [.incoming, .outgoing, .unknown][number % 3])
  }

  /// What a ring must return for a frame.
  private func kept(_ frame: SampleFrame, _ limit: Int) -> KeptFrame {
    KeptFrame(
      bytes: Array(frame.bytes.prefix(limit)), originalLength: frame.originalLength ?? frame.bytes.count,
      timestamp: frame.time, linkType: frame.linkType, interface: frame.interface, recordDirection: frame.direction)
  }

  @Test func `an empty ring returns nothing`() {
    var ring = ContextRing()
    #expect(ring.drain() == [])
  }

  @Test(arguments: 0...40)
  func `a frame of any length is kept up to the limit`(length: Int) {
    var ring = ContextRing(slots: 2, captureLimit: 32)
    let frame = frame(1, length: length)
    ring.keep(frame.captured)
    #expect(ring.drain() == [kept(frame, 32)])
    #expect(ring.drain() == [])
  }

  @Test func `an original length below the captured length is corrected`() {
    var ring = ContextRing(slots: 1, captureLimit: 8)
    ring.keep(frame(0, length: 20, original: 3).captured)
    let frames = ring.drain()
    #expect(frames.map(\.originalLength) == [20])
    #expect(frames.map(\.bytes.count) == [8])
  }

  @Test func `a shorter frame never shows bytes of a longer one`() {
    var ring = ContextRing(slots: 1, captureLimit: 64)
    ring.keep(frame(0, length: 64).captured)
    let short = frame(1, length: 3)
    ring.keep(short.captured)
    #expect(ring.drain() == [kept(short, 64)])
  }

  @Test func `a ring without room has room for one byte of one frame`() {
    var ring = ContextRing(slots: 0, captureLimit: -1)
    for number in 0..<3 { ring.keep(frame(number, length: 9).captured) }
    #expect(ring.drain() == [kept(frame(2, length: 9), 1)])
  }

  @Test func `the latest frames come out in order, whatever was drained before`() {
    var generator = SeededGenerator()
    for _ in 0..<50 {
      let (slots, limit) = (Int.random(in: 1...9, using: &generator), Int.random(in: 1...70, using: &generator))
      var ring = ContextRing(slots: slots, captureLimit: limit)
      var expected: [KeptFrame] = []
      for number in 0..<200 {
        if Int.random(in: 0..<12, using: &generator) == 0 {
          #expect(ring.count == expected.count, "seed \(generator.seed)")
          #expect(ring.drain() == expected, "seed \(generator.seed)")
          expected = []
        }
        let frame = frame(number, length: Int.random(in: 0...100, using: &generator), original: 1500)
        ring.keep(frame.captured)
        expected = (expected + [kept(frame, limit)]).suffix(slots)
      }
      #expect(ring.drain() == expected, "seed \(generator.seed)")
    }
  }
}
