import Savefile
import TestSupport
import Testing

@Suite struct RobustnessTests {
  @Test(arguments: Samples.both)
  func `returns exactly the complete frames of every prefix`(sample: Samples.Sample) {
    let whole = Replay(sample.bytes)
    #expect(whole.error == nil)
    #expect(whole.frames.count == sample.frameEnds.count)
    for count in 0..<sample.bytes.count {
      let replay = Replay(Array(sample.bytes.prefix(count)), windowCapacity: 16)
      let contained = sample.frameEnds.count { $0 <= count }
      #expect(replay.frames == Array(whole.frames.prefix(contained)), "prefix of \(count) bytes")
      switch replay.error?.kind {
      case nil: break
      case .cut(let needed, let available): #expect(needed > available)
      case .noCapture: #expect(count < 4)
      default: Issue.record("prefix of \(count) bytes: \(String(describing: replay.error))")
      }
    }
  }

  @Test(arguments: Samples.both)
  func `returns the same frames for any size of reads and window`(sample: Samples.Sample) {
    let whole = Replay(sample.bytes)
    for readLimit in [1, 2, 3, 5, 7, 16, 31, 64, 100] {
      for windowCapacity in [16, 17, 40, 128] {
        #expect(Replay(sample.bytes, readLimit: readLimit, windowCapacity: windowCapacity) == whole)
      }
    }
  }

  @Test(arguments: Samples.both)
  func `survives any damage`(sample: Samples.Sample) {
    var generator = SeededGenerator()
    let whole = Replay(sample.bytes)
    for _ in 0..<4000 {
      var bytes = sample.bytes
      let first = Int.random(in: 0..<bytes.count, using: &generator)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = min(first + Int.random(in: 0..<12, using: &generator), bytes.count - 1)
        bytes[place] = [0, 1, 0xFF, 0x80, .random(in: 0 ... .max, using: &generator)].randomElement(using: &generator)!
      }
      let replay = Replay(bytes, readLimit: .random(in: 1...200, using: &generator), windowCapacity: 64)
      // Each frame takes at least 12 bytes of the file, and those before the damage are untouched.
      #expect(replay.frames.count <= bytes.count / 12, "seed \(generator.seed)")
      let untouched = sample.frameEnds.count { $0 <= first }
      #expect(replay.frames.starts(with: whole.frames.prefix(untouched)), "seed \(generator.seed)")
      if let error = replay.error {
        #expect(error.position <= UInt64(bytes.count), "seed \(generator.seed)")
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test func `survives noise`() {
    var generator = SeededGenerator()
    let beginnings: [[UInt8]] = [
      Array(Samples.pcap.bytes.prefix(24)), Array(Samples.pcapng.bytes.prefix(100)), [0x1F, 0x8B, 8, 0],
      [0x28, 0xB5, 0x2F, 0xFD], [],
    ]
    for round in 0..<2000 {
      let noise = (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
        UInt8.random(in: 0 ... .max, using: &generator)
      }
      _ = Replay(beginnings[round % beginnings.count] + noise, skipUnsupported: round % 2 == 0)
    }
  }
}
