import Foundation
import TestNeeds
import TestSupport
import Testing

/// The program called as tcpdump is called: it does the same, or says in one line what does.
@Suite struct HabitTests {
  private static let capture = "captures/formats/ethernet-plain.pcap"

  @Test(arguments: [
    (["-i", "eth0"], "leakaudit watch -i INTERFACE"),
    (["-nni", "eth0"], "leakaudit watch -i INTERFACE"),
    (["-r", capture], "leakaudit replay FILE"),
    (["-nr", capture, "udp"], "leakaudit replay FILE"),
    ([capture], "leakaudit replay FILE"),
    (["-D"], "leakaudit watch -D"),
    (["-w", "x.pcap"], "say first what to do"),
    (["watch", "-r", capture], "leakaudit replay FILE"),
    (["watch", "-i", "lo", "-w", "x.pcap"], "--evidence DIR"),
    (["replay", "-r", capture], "leakaudit replay FILE"),
    (["replay", capture, "-nw", "x.pcap"], "--evidence FILE"),
    (["replay", capture, "-c", "5"], "tcpdump -r FILE -c COUNT -w PART"),
    (["replay", "-i", "eth0"], "leakaudit watch -i INTERFACE"),
    (["replay", "-D"], "watch -D"),
    (["watch", "eth0"], "'eth0': interfaces are named with -i"),
  ])
  func `what tcpdump has and this has not is told in one line`(arguments: [String], words: String) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errorLines.count == 1 && result.errors.contains(words), "\(result.errors)")
  }

  @Test(arguments: [
    ["replay", capture, "udp", "port", "53"], ["replay", capture, "udp port 53"], ["replay", "udp", "port", "53"],
    ["replay", "-", "not", "arp"], ["replay", capture, "tcp"], ["replay", capture, "host", "example.org"],
    ["watch", "-i", "lo", "not", "port", "22"], ["watch", "ether host 02:00:00:00:00:01", "-i", "lo"],
    ["watch", "tcp"],
  ])
  func `a filter is known as one and refused`(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errorLines.count == 1 && result.errors.contains("is a capture filter"), "\(result.errors)")
    #expect(result.errors.contains("never be clean"))
  }

  @Test func `a missing file is no filter, whatever its name`() throws {
    for name in ["tcp", "missing.pcap", "10.0.0.1"] {
      let result = try Command.run(["replay", name])
      #expect(result.status == 66, "\(name): \(result.errors)")
    }
    #expect(try Command.run(["replay", Self.capture, "missing.pcap"]).status == 66)
  }

  @Test func `-n changes nothing`() throws {
    let plain = try Command.run(["replay", Self.capture, "--format", "json"])
    for letters in ["-n", "-nn"] {
      let numeric = try Command.run(["replay", letters, Self.capture, "--format", "json"])
      #expect(numeric.output == plain.output && numeric.status == plain.status)
    }
  }

  @Test func `a pipe without a dash gives a hint`() throws {
    let piped = try Command.shell("cat \(Self.capture) | $leakaudit replay")
    #expect(piped.status == 64 && piped.output.isEmpty)
    #expect(piped.errorLines.first?.contains("to read standard input: leakaudit replay -") == true, "\(piped.errors)")
  }

  @Test(.needs(.root, .namespaces, .iproute))
  func `-D lists the interfaces, and what is audited without a name`() throws {
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link add br-stack type bridge
        ip link add end type veth peer name other
        ip link set end master br-stack
        ip link set end up; ip link set other up; ip link set br-stack up
        ip link add eth0 type veth peer name uplink
        ip address add 192.0.2.9/24 dev eth0
        ip link set eth0 up
        ip route add default via 192.0.2.1
        sleep 1.5
        "$leakaudit" watch -D --no-docker'
      """)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      Set(result.outputLines) == [
        "lo        nic", "br-stack  bridge, audited", "end       nic", "other     nic", "eth0      nic, audited",
        "uplink    nic",
      ])
  }

  @Test(.needs(.root, .namespaces, .iproute))
  func `-c ends a watch, and evidence gets a directory for its owner alone`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link set lo up
        "$leakaudit" watch -nn -i lo --role lo=bridge --no-docker --format json -c 4 \\
          --evidence \(directory.path("evidence")) & watch=$!
        sleep 1
        ping -c 20 -i 0.05 127.0.0.1 >/dev/null
        wait $watch'
      """)
    #expect(try result.summary().frames == 4)
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.path("evidence"))
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("evidence")).count == 1)
  }

  /// As logrotate does it with `create 0600 nobody`: the way to the file is closed to the user that the watch became.
  @Test(.needs(.root, .namespaces, .iproute))
  func `SIGHUP has alerts go to a new file, where the watch's user may write it`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.shell(
      """
      cd \(directory.url.path)
      mkdir -p closed/log && chmod 700 closed && chmod 755 closed/log
      unshare --net sh -c '
        ip link set lo up
        ip address add 198.51.100.1/32 dev lo
        "$leakaudit" watch -i lo --role lo=nic --no-docker --format json --alerts closed/log/alerts & watch=$!
        sleep 1
        mv closed/log/alerts closed/log/old
        kill -HUP $watch
        sleep 0.3
        ls closed/log >refused
        install -m 600 -o nobody /dev/null closed/log/alerts
        kill -HUP $watch
        sleep 0.3
        kill -INT $watch
        wait $watch'
      """)
    let said = result.errorLines.filter { $0.contains("cannot be opened anew") }
    #expect(said.count == 1 && said[0].contains("Permission denied"), "\(result.errors)")
    #expect(try String(contentsOfFile: directory.path("refused"), encoding: .utf8) == "old\n")
    let alerts = try String(contentsOfFile: directory.path("closed/log/alerts"), encoding: .utf8)
    #expect(alerts.contains(#""kind":"ended""#), "\(result.errors)")
    #expect(try !String(contentsOfFile: directory.path("closed/log/old"), encoding: .utf8).contains("ended"))
  }

  @Test(.needs(.root, .namespaces, .iproute))
  func `SIGHUP ends a watch without a file of alerts`() throws {
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link set lo up
        "$leakaudit" watch -i lo --no-docker --format json & watch=$!
        sleep 1
        kill -HUP $watch
        wait $watch'
      """)
    #expect(try result.summary().notices.contains { $0.kind == "ended-by-signal" })
  }

  @Test(arguments: [
    "replay captures/healthy.nic.pcap --wg-config captures/healthy.wg0.conf", "rules", "policy",
    "check -f Examples/stack/docker-compose.yaml", "explain udp 172.18.0.2:4242 198.51.100.53:53",
    "replay captures/formats/ethernet-plain.pcap --expect-leak",
  ])
  func `a full disk has an exit status of its own`(line: String) throws {
    let result = try Command.shell("\"$leakaudit\" \(line) >/dev/full")
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.contains("standard output: No space left on device"), "\(result.errors)")
  }
}
