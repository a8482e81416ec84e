/// One pcap and one pcapng file with a bit of everything, and where each frame's record ends.
enum Samples {
  /// Ends of the records, by number of frames contained: `ends[n]` bytes hold n frames.
  struct Sample {
    let bytes: [UInt8]
    let frameEnds: [Int]
  }

  static let pcap: Sample = {
    var ends: [Int] = []
    let bytes = savefile { file in
      file.pcapHeader()
      for count in [60, 0, 1, 17, 110, 3] {
        file.pcapRecord(sampleFrame(count, seed: count), original: UInt32(count + 7))
        ends.append(file.bytes.count)
      }
    }
    return Sample(bytes: bytes, frameEnds: ends)
  }()

  static let pcapng: Sample = {
    var ends: [Int] = []
    func fill(_ file: inout ByteBuilder, from start: Int) {
      func frame(_ add: (inout ByteBuilder) -> Void) {
        add(&file)
        ends.append(start + file.bytes.count)
      }
      file.section { $0.option(1, Array("sample".utf8)) }
      file.interface("eth0", snapLength: 96) { $0.option(9, [9]) }
      frame { $0.enhancedPacket(sampleFrame(61), original: 70) }
      file.block(0xBAD) { $0.append(sampleFrame(150)) }
      file.interface("wg0", linkType: 101) { $0.option(14, word: Int64(3)) }
      frame { $0.enhancedPacket(sampleFrame(20), interface: 1) { $0.option(2, word: UInt32(2)) } }
      frame {
        $0.block(3) {
          $0.word(UInt32(9))
          $0.append(sampleFrame(9))
        }
      }
      frame {
        $0.block(2) {
          $0.word(UInt32(0))
          $0.word(UInt64(0))
          $0.word(UInt64(0))
        }
      }
      file.statistics { $0.option(5, word: UInt64(1)) }
      frame { $0.enhancedPacket([]) }
    }
    var bytes: [UInt8] = []
    for isBigEndian in [false, true] {
      var builder = ByteBuilder(bigEndian: isBigEndian)
      fill(&builder, from: bytes.count)
      bytes += builder.bytes
    }
    return Sample(bytes: bytes, frameEnds: ends)
  }()

  static let both = [pcap, pcapng]
}
