import Testing

@testable import Containers

/// What the engine says of a program's output (Docker Engine API, "Stream format").
@Suite struct EngineStreamTests {
  private static func frame(_ kind: UInt8, _ text: String) -> [UInt8] {
    [kind, 0, 0, 0, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
  }

  @Test func `standard output and error are separate`() {
    let bytes = Self.frame(1, "one\n") + Self.frame(2, "warning\n") + Self.frame(1, "two\n")
    #expect(EngineStream.text(bytes, kind: 1) == "one\ntwo\n")
    #expect(EngineStream.text(bytes, kind: nil) == "one\nwarning\ntwo\n")
  }

  @Test func `a container with a terminal has plain text`() {
    #expect(
      EngineStream.text(Array("INFO [wireguard] Connecting\n".utf8), kind: nil) == "INFO [wireguard] Connecting\n")
    #expect(EngineStream.text([], kind: 1) == "")
  }

  @Test func `no prefix of a stream ends it`() {
    let bytes = Self.frame(1, "one\n") + Self.frame(1, "two\n")
    for count in 0...bytes.count {
      let text = EngineStream.text(Array(bytes[..<count]), kind: 1)
      #expect(count < 12 || text.hasPrefix("one\n"), "\(count)")
    }
    #expect(EngineStream.text([1, 0, 0, 0, 255, 255, 255, 255, 65], kind: 1) == "A")
  }
}
