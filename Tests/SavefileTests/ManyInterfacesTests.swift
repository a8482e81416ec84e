import Savefile
import Testing

/// A file may describe any number of interfaces, in any way: time grows only with its length, and memory is bounded.
@Suite(.serialized) struct ManyInterfacesTests {
  enum Form: CaseIterable {
    /// All in one section, by one name.
    case oneName
    case names
    case nameless
    /// Each in a section of its own.
    case sections
    case namelessSections
    /// One section with all of them, and then as many with one.
    case largeThenSmall
  }

  private static func file(_ form: Form, _ count: Int) -> [UInt8] {
    savefile { file in
      file.section()
      for number in 0..<count {
        switch form {
        case .oneName: file.interface("eth0")
        case .names, .largeThenSmall: file.interface("eth\(number)")
        case .nameless: file.interface()
        case .sections, .namelessSections:
          file.section()
          file.interface(form == .sections ? "eth\(number)" : nil)
        }
      }
      guard form == .largeThenSmall else { return file.enhancedPacket([1]) }
      for _ in 0..<count {
        file.section()
        file.interface("eth0")
      }
      file.enhancedPacket([1])
    }
  }

  private static func time(_ form: Form, _ count: Int) -> Duration {
    let bytes = file(form, count)
    // The minimum of three, because others use the machine too.
    return (0..<3).map { _ in
      ContinuousClock().measure {
        let replay = Replay(bytes)
        #expect(replay.error == nil)
        #expect(replay.interfaces.count == count)
        #expect(replay.lengths == [1])
      }
    }.min() ?? .zero
  }

  @Test(arguments: Form.allCases)
  func `four times as many interfaces take about four times as long`(form: Form) {
    // A busy machine may spoil one try; quadratic growth fails each.
    var tries: [(few: Duration, many: Duration)] = []
    repeat {
      tries.append((Self.time(form, 4000), Self.time(form, 16_000)))
    } while tries.count < 5
      && tries[tries.count - 1].many >= tries[tries.count - 1].few * 9
    #expect(tries.contains { $0.many < $0.few * 9 }, "\(form): \(tries)")
  }

  @Test(arguments: [Form.oneName, .nameless, .namelessSections])
  func `too many interfaces end the reading, and nothing before is lost`(form: Form) {
    let replay = Replay(Self.file(form, 65_537))
    #expect(replay.error?.kind == .malformed(.interfaceCount(limit: 65_536)))
    #expect(replay.interfaces.count == 65_536)
  }

  @Test func `a section may describe no more interfaces than a file, whatever their names`() {
    let replay = Replay(
      savefile { file in
        for _ in 0..<3 {
          file.section()
          for number in 0..<30_000 { file.interface("eth\(number)") }
        }
      })
    #expect(replay.error == nil)
    #expect(replay.interfaces.count == 30_000)
  }

  @Test func `a name of any length is kept in part`() {
    let replay = Replay(
      savefile {
        $0.section()
        $0.interface(String(repeating: "x", count: 60_000))
      })
    #expect(replay.interfaces.first?.name?.utf8.count == 256)
  }
}
