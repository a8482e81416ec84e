import Foundation
import TestNeeds
import TestSupport
import Testing

/// `leakaudit watch` whose frames of known flows the kernel counts, beside one that reads each frame.
@Suite(.serialized, .needs(.root, .lab, .minutes)) struct KernelCountingTests {
  /// Random sessions with gaps, repetitions and late messages, local flows, odd headers, handshakes and leaks, in both
  /// directions, on bridge and NIC.
  @Test(arguments: 0..<2)
  func `it gives the same summary whether or not the kernel counts`(_ round: Int) throws {
    var generator = SeededGenerator()
    for _ in 0..<round { _ = generator.next() }
    let seed = generator.next()
    print("seed \(seed)")
    let result = try Lab.run("counting", [Command.binary.path, "\(seed)", "60000"], limit: .seconds(120))
    let words = try #require(result.outputLines.first).split(separator: " ")
    let (counted, all) = (Int(words[1]) ?? 0, Int(words[3]) ?? 0)
    #expect(all > 60000 && counted > all / 4, "\(result.output)")
  }

  @Test func `evidence needs the frames before a leak, and a limit each of them`() throws {
    for options in ["--evidence \"$(mktemp -d)\"", "--count 30"] {
      let result = try Command.shell(
        """
        unshare --net sh -c '
          ip link set lo up
          $leakaudit watch -i lo --no-docker --duration 3 \(options) 2>&1 >/dev/null &
          sleep 1
          ping -q -i 0.002 -c 200 127.0.0.1 >/dev/null
          wait'
        """)
      #expect(result.output.contains("watching lo") && !result.output.contains("by the kernel"), "\(result.output)")
    }
  }
}
