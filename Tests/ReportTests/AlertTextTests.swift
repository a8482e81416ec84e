import Audit
import HostileAudit
import Policy
import Report
import TestSupport
import Testing
import Wire

/// What a terminal and a push say about leaks.
@Suite struct AlertTextTests {
  /// The lines for packets to destinations, a second between two of them, on the bridge and behind NAT on the NIC.
  private static func lines(_ destinations: [Int], from senders: [LeakSender] = []) -> (
    atOnce: [String], summed: [String]
  ) {
    var frames: [SampleFrame] = []
    for (second, destination) in destinations.enumerated() {
      for (interface, source) in ["172.18.0.2", "192.168.1.10"].enumerated() {
        var frame = SampleFrame(
          udpPacket("\(source):4000", "198.18.\(destination / 256).\(destination % 256):53", dnsQuery("example.org")))
        (frame.interface, frame.direction) = (interface, interface == 0 ? .incoming : .outgoing)
        frame.time = Timestamp(nanoseconds: Int64(second + 1) * 1_000_000_000 + Int64(interface) * 1000)
        frames.append(frame)
      }
    }
    var auditor = Auditor(TunnelPolicy(), seed: 1)
    var cursor = SourceCursor()
    for (name, role) in [("br-stack", InterfaceRole.bridge), ("eth0", .nic)] {
      cursor.interfaces.append(auditor.attach(InterfaceTally(name: name, linkType: .raw, role: role)))
    }
    var source = FrameList(frames)
    var teller = AlertTeller(AlertGate(scope: .stack))
    teller.senders = { $0.source == IPAddress("172.18.0.2") ? senders : [] }
    while case .limit = auditor.audit(&source, &cursor, until: .distantFuture, limit: 64, observer: &teller) {}
    func text(_ alerts: [Alert]) -> [String] {
      alerts.map { AlertText.line($0, interface: auditor.interfaces[$0.interface].name) }
    }
    return (text(teller.atOnce), text(teller.gate.sumUp()))
  }

  @Test func `a continuing leak is reported in packets, with its duration`() {
    let told = Self.lines([1, 1, 1, 1])
    #expect(
      told.atOnce.first
        == "1970-01-01T00:00:01.000000Z LEAK high dns: example.org A 172.18.0.2:4000 -> 198.18.0.1:53 udp, "
        + "attempted on br-stack, no handshake of the tunnel seen yet")
    #expect(told.atOnce.dropFirst().map { $0.contains(" ESCAPED high dns: ") } == [true])
    #expect(told.summed.count == 1)
    #expect(
      told.summed.first?.hasPrefix(
        "1970-01-01T00:00:02.000000Z STILL LEAKING high dns, 3 more packets in 2.0 s: example.org A ") == true)
  }

  @Test(arguments: [
    ([LeakSender(.sent, container: "app", program: "curl", process: 812)], "by app (curl, pid 812) "),
    (
      [LeakSender(.used, container: "app", program: "curl", process: 812), LeakSender(.unknown, container: "b")],
      "by app (curl, pid 812, from its socket) or b (an unknown process) "
    ),
    (
      [LeakSender(.listed, container: "app", program: "a\u{202E}b", process: 1)],
      #"by app (a\u{202e}b, pid 1, which has the socket) "#
    ),
    ([LeakSender(.listed, container: "app")], "by app (one of several processes with the socket) "),
    ([LeakSender(.kernel, container: "app")], "by app (the kernel, or forwarded) "),
    ([LeakSender(.sent, program: "dockerd", process: 65)], "by dockerd, pid 65 "),
  ])
  func `who sent it is said with how sure that is`(_ senders: [LeakSender], _ words: String) throws {
    let line = try #require(Self.lines([1], from: senders).atOnce.first)
    #expect(line.contains("example.org A \(words)172.18.0.2:4000 -> "), "\(line)")
  }
}
