import Containers
import TestSupport
import Testing

@Suite struct ReaderTests {
  private let lost = #"{"lost":{"reason":"x"}}"# + "\n"

  @Test func `takes lines in any pieces`() throws {
    let bytes = Array((lost + #"{"back":{}}"# + "\n" + lost).utf8)
    for size in 1...bytes.count {
      var reader = ContainerFeed.Reader()
      var lines: [ContainerFeed.Reader.Line] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        lines += reader.receive(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(try lines.map { try $0.get() } == [.lost(reason: "x"), .back, .lost(reason: "x")])
    }
  }

  @Test(arguments: [
    "", "{}", "nonsense", #"{"lost":{}}"#, #"{"event":{"_0":{}}}"#, #"{"snapshot":{"_0":{"containers":7}}}"#, "\u{0}",
    #"{"snapshot":{"_0":{"containers":[],"networks":[{"name":"a","driver":"b","subnets":["1.2.3"],"gateways":[]}]}}}"#,
    String(repeating: "[", count: 100_000),
  ])
  func `a line that is not a message is an error, and the next one is read`(line: String) throws {
    var reader = ContainerFeed.Reader()
    let lines = reader.receive((line + "\n" + lost).utf8)
    #expect(lines.first == .failure(.noMessage))
    #expect(lines.count == 2 && lines.last == .success(.lost(reason: "x")))
  }

  @Test func `a line beyond the limit is one error`() throws {
    var reader = ContainerFeed.Reader()
    var lines: [ContainerFeed.Reader.Line] = []
    for _ in 0..<5 { lines += reader.receive([UInt8](repeating: 0x20, count: 1 << 20)) }
    #expect(lines == [.failure(.tooLong)])
    lines += reader.receive(("\n" + lost).utf8)
    #expect(lines == [.failure(.tooLong), .success(.lost(reason: "x"))])
  }

  @Test func `random bytes are errors`() {
    var random = SeededGenerator()
    var reader = ContainerFeed.Reader()
    for _ in 0..<200 {
      let bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(reader.receive(bytes).allSatisfy { $0 == .failure(.noMessage) }, "seed \(random.seed)")
    }
  }
}
