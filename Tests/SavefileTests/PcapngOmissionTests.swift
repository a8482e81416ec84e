import Savefile
import Testing

/// What a pcapng file says about frames that it does not hold.
@Suite struct PcapngOmissionTests {
  private static let program: [UInt8] = [1] + [UInt8](repeating: 0x15, count: 32)

  static let filters: [(value: [UInt8], filter: CaptureFilter?)] = [
    ([0] + Array("udp port 51820".utf8), .expression("udp port 51820")),
    ([0] + Array("not port 22".utf8) + [0], .expression("not port 22")),
    ([0], nil),
    ([0] + Array("  ".utf8), nil),
    (program, .program(instructions: 4)),
    // ret #0: nothing was to be kept.
    ([1, 6, 0, 0, 0, 0, 0, 0, 0], .program(instructions: 1)),
    // ret #262144, libpcap's for no expression.
    ([1, 6, 0, 0, 0, 0, 0, 4, 0], nil),
    ([1, 6, 0, 0], .unknown),
    ([1], .unknown),
    ([2, 1, 2, 3], .unknown),
    ([], .unknown),
  ]

  @Test(arguments: filters)
  func `reads the filter that an interface was recorded with`(value: [UInt8], filter: CaptureFilter?) {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface("eth0") { $0.option(11, value) }
        $0.enhancedPacket([1])
      })
    #expect(replay.error == nil)
    #expect(replay.lengths == [1])
    #expect(replay.interfaces.map(\.filter) == [filter])
  }

  @Test func `a filter of any section or option counts`() {
    let replay = Replay(
      savefile { file in
        file.section()
        file.interface("eth0")
        file.interface("eth1") {
          $0.option(11, [0])
          $0.option(11, [0] + Array("ip".utf8))
        }
        file.section()
        file.interface("eth0") { $0.option(11, [0] + Array("tcp".utf8)) }
      })
    #expect(replay.interfaces.map(\.filter) == [.expression("tcp"), .expression("ip")])
  }

  @Test func `an expression of any length is kept in part`() {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface { $0.option(11, [0] + [UInt8](repeating: 0x61, count: 60_000)) }
      })
    #expect(replay.interfaces.first?.filter?.description.utf8.count ?? .max < 1100)
  }

  /// Options of the statistics: 4 received, 6 accepted, 7 dropped by the system, 8 delivered.
  static let statistics: [(counts: [UInt16: UInt64], rejected: UInt64, unrecorded: UInt64)] = [
    ([4: 100], 0, 0),
    ([4: 100, 5: 3], 0, 0),
    ([4: 100, 6: 100, 8: 2], 0, 0),
    ([4: 100, 6: 60], 40, 0),
    ([4: 100, 6: .max], 0, 0),
    ([4: .max, 6: 60], 0, 0),
    ([4: 60, 6: 100], 0, 0),
    ([8: 2], 0, 0),
    ([8: 1], 0, 0),
    ([8: .max], 0, 0),
    ([8: 9], 0, 7),
    ([4: 100, 6: 50, 7: 10, 8: 40], 50, 38),
    ([8: .max - 1], 0, .max - 3),
  ]

  @Test(arguments: statistics)
  func `compares statistics with what the file holds`(
    counts: [UInt16: UInt64], rejected: UInt64, unrecorded: UInt64
  ) {
    let replay = Replay(
      savefile { file in
        file.section()
        file.interface("eth0")
        file.interface("eth1")
        for interface in [0, 1, 1, 1, 0] as [UInt32] { file.enhancedPacket([1], interface: interface) }
        file.statistics { for (code, count) in counts.sorted(by: { $0.key < $1.key }) { $0.option(code, word: count) } }
      })
    #expect(replay.error == nil)
    #expect(replay.interfaces.map(\.rejected) == [rejected, 0])
    #expect(replay.interfaces.map(\.unrecorded) == [unrecorded, 0])
  }

  @Test func `each section is compared separately, even in a cut file`() {
    func section(_ file: inout ByteBuilder, frames: Int, delivered: UInt64) {
      file.section()
      file.interface("eth0")
      for _ in 0..<frames { file.enhancedPacket([1]) }
      file.statistics { $0.option(8, word: delivered) }
    }
    let bytes = savefile {
      section(&$0, frames: 3, delivered: 1)
      section(&$0, frames: 1, delivered: 3)
      section(&$0, frames: 2, delivered: 7)
    }
    #expect(Replay(bytes).interfaces.map(\.unrecorded) == [7])
    let cut = Replay(bytes + [6, 0, 0, 0])
    #expect(cut.error != nil)
    #expect(cut.interfaces.map(\.unrecorded) == [7])
  }
}
