import TestNeeds
import TestSupport
import Testing
import Wire

@testable import Who

@Suite struct SenderEventTests {
  @Test func `an event of an IPv4 flow`() throws {
    let event = try #require(EventBytes().event)
    #expect("\(event.flow.source):\(event.flow.sourcePort)" == "172.18.0.2:4000")
    #expect("\(event.flow.destination):\(event.flow.destinationPort)" == "198.51.100.53:53")
    #expect(event.flow.protocolNumber == .udp)
    #expect(event.owner.certainty == .sent)
    #expect(event.owner.namespace == 4_026_532_919)
    #expect(event.owner.container == EventBytes.id)
    #expect(
      event.owner.process
        == SocketOwner.Process(number: 812, innerNumber: 7, started: 5_000_000_000, program: "curl"))
  }

  @Test func `an event of an IPv6 flow`() throws {
    let event = try #require(EventBytes(source: "2001:db8:1::2", destination: "ff02::fb").event)
    #expect("\(event.flow.source)" == "2001:db8:1::2")
    #expect("\(event.flow.destination)" == "ff02::fb")
  }

  @Test func `what the kernel sends itself, or from an unknown process, has none`() throws {
    for certainty in [Certainty.kernel, .unknown] {
      let event = try #require(EventBytes(certainty: certainty).event)
      #expect(event.owner.process == nil)
      #expect(event.owner.container == EventBytes.id)
    }
    let several = try #require(EventBytes(certainty: .listed, process: (0, 0, 0)).event)
    #expect(several.owner.process == nil)
  }

  @Test func `every other length, another protocol and an unknown certainty are no event`() {
    let bytes = EventBytes().bytes
    for count in 0..<bytes.count { #expect(SenderEvent(Array(bytes.prefix(count))) == nil) }
    #expect(SenderEvent((bytes + [0])) == nil)
    for (offset, byte) in [(36, UInt8(0x06)), (39, 5), (39, 255)] {
      var changed = bytes
      changed[offset] = byte
      #expect(SenderEvent(changed) == nil)
    }
  }

  @Test func `random bytes never trap, and give only text that is short and safe to show`() {
    var random = SeededGenerator()
    for _ in 0..<rounds(20_000, few: 2_000) {
      var bytes = (0..<256).map { _ in UInt8.random(in: 0...255, using: &random) }
      if Bool.random(using: &random) { bytes.replaceSubrange(36..<40, with: [0x00, 0x08, 17, 4]) }
      guard let event = SenderEvent(bytes) else { continue }
      let program = event.owner.process?.program ?? ""
      #expect(program.count <= SocketOwner.Process.longest, "seed \(random.seed)")
      #expect(!program.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "seed \(random.seed)")
      let id = event.owner.container ?? EventBytes.id
      #expect(id.utf8.count == 64 && id.allSatisfy(\.isHexDigit), "seed \(random.seed)")
    }
  }

  @Test(arguments: [
    (EventBytes.id, true), ("docker-\(EventBytes.id).scope", true), ("libpod-\(EventBytes.id)", true),
    ("", false), ("user.slice", false), (String(EventBytes.id.dropLast()), false), (EventBytes.id + "0", false),
    (EventBytes.id.uppercased(), false),
  ])
  func `a container's id is found in its control group's name`(_ group: String, _ isContainer: Bool) throws {
    let event = try #require(EventBytes(group: group).event)
    #expect(event.owner.container == (isContainer ? EventBytes.id : nil))
  }

  @Test(arguments: [
    ("curl", "curl", "curl|-s|http://user:secret@example.org|", "curl"),
    ("python3.11", "python3", "python3|/app/tracker.py|--token|", "python3.11 /app/tracker.py"),
    ("python3.11", "tracker.py", "/usr/bin/python3|/app/tracker.py|", "python3.11 /app/tracker.py"),
    // Cut, or no file. (A bar stands for the zero behind an argument.)
    (
      "python3.11", "python3", "python3|/app/a-script-whose-path-is-longer-than-what-the-kernel-copies.py", "python3.11"
    ),
    ("bash", "bash", "bash|-c|curl -u secret|", "bash"),
    ("node", "node", "node|https://secret@example.org/|x", "node"),
    ("pythonic", "pythonic", "pythonic|secret|x|", "pythonic"),
    ("busybox", "wget", "wget|-q|", "busybox wget"),
    ("qbittorrent-nox", "qbittorrent-nox", "", "qbittorrent-nox"),
    // Longer than the kernel keeps a name.
    ("a-program-of-twenty-l", "a-program-of-tw", "", "a-program-of-twenty-l"),
    ("", "gone", "", "gone"), ("", "", "", "?"),
    ("curl", "\u{1B}[2J\u{202E}x\n", "", #"curl \u{1b}[2J\u{202e}x\u{a}"#),
  ])
  func `a program's name`(_ executable: String, _ name: String, _ arguments: String, _ program: String) throws {
    let event = try #require(
      EventBytes(name: name, executable: executable, arguments: arguments.replacing("|", with: "\0")).event)
    #expect(event.owner.process?.program == program)
  }
}
