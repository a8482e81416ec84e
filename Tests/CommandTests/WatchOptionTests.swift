import Foundation
import TestNeeds
import TestSupport
import Testing

/// What `watch` needs and refuses. Captures are opened in the test's own network namespace.
@Suite(.needs(.root, .namespaces, .iproute)) struct WatchOptionTests {
  @Test(arguments: [
    ["-i", "any"], ["--only", "nonsense"], ["--duration", "0"], ["--duration", "nan"], ["--count", "-1"],
    ["--repeat-every", "0"], ["--buffer", "0"], ["--snapshot-length", "20"], ["--webhook", "ftp://host/"],
    ["--webhook-format", "pager"], ["--user", "no-such-user-here"], ["--evidence-size", "0"],
    ["--evidence-frames", "0"],
  ])
  func `refuses contradictory options`(arguments: [String]) throws {
    let result = try Command.run(["watch", "-i", "lo", "--no-docker", "--duration", "0.1"] + arguments)
    #expect(result.status == 64, "\(result.errors)")
    #expect(!result.errors.isEmpty)
  }

  @Test func `names what does not exist`() throws {
    let common = ["watch", "-i", "lo", "--no-docker", "--duration", "0.1"]
    #expect(try Command.run(common + ["--evidence", "/nonexistent/evidence"]).status == 66)
    #expect(try Command.run(common + ["--alerts", "/nonexistent/alerts"]).status == 66)
    // A FIFO without a reader is not waited for.
    let directory = try TemporaryDirectory()
    let fifo = directory.path("fifo")
    #expect(unsafe mkfifo(fifo, 0o600) == 0)
    let refused = try RunningCommand(Command.binary, common + ["--alerts", fifo]).wait(limit: .seconds(10))
    #expect(refused.status == 66)
    #expect(refused.errorLines == ["leakaudit: --alerts '\(fifo)': nobody reads it; start its reader first"])
    #expect(try Command.run(common + ["--wg-config", "/nonexistent/wg0.conf"]).status == 66)
  }

  @Test func `an interface that never appears makes the audit incomplete`() throws {
    let result = try Command.run(
      ["watch", "-i", "never-there", "--no-docker", "--duration", "0.3", "--format", "json"])
    #expect(result.status == 3)
    #expect(result.errors.contains("never-there does not exist yet"))
    #expect(try result.summary().incomplete.contains("never-there never appeared"))
  }

  @Test func `an unresolved Endpoint name is reported at once and makes the audit incomplete`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run([
      "watch", "-i", "lo", "--no-docker", "--duration", "0.2", "--format", "json", "--endpoint", "vpn.example:51820",
      "--alerts", directory.path("alerts"),
    ])
    #expect(result.status == 3)
    #expect(result.errors.contains("--resolve vpn.example=ADDRESS"))
    let incomplete = try result.summary().incomplete
    #expect(incomplete.contains { $0.contains("vpn.example") })
    // The outlets get the same conclusion, for the same reasons.
    let end = try JSONDecoder().decode(
      Watched.Notice.self, from: Data(String(contentsOfFile: directory.path("alerts"), encoding: .utf8).utf8))
    #expect(end.kind == "ended" && end.text.hasPrefix("The watch ended. INCOMPLETE"))
    #expect(
      end.text.contains(incomplete.count > 1 ? "(and \(incomplete.count - 1) more)" : "vpn.example"), "\(end.text)")
  }

  @Test(arguments: [["--serve", "127.0.0.1:0", "--serve-url", "https://a b/"], ["--serve-url", "https://a.example/"]])
  func `--serve-url refuses an unusable address`(options: [String]) throws {
    let result = try Command.run(["watch", "-i", "lo", "--no-docker", "--duration", "0.2"] + options)
    #expect(result.status == 64 && result.errors.contains("--serve-url"), "\(result.errors)")
  }

  @Test func `without permission to capture, it says what to do`() throws {
    let result = try Command.shell(
      "setpriv --reuid 65534 --regid 65534 --clear-groups $leakaudit watch -i lo --no-docker --duration 0.1")
    #expect(result.status == 77)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("setcap cap_net_raw=ep"))
  }

  /// Other processes of the same user may end it, but not read its memory or environment, which may hold secrets. The
  /// kernel ensures that if root becomes another user (credentials(7)), but not if a user got the capability.
  @Test(arguments: ["", "--inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw"])
  func `other processes of the same user cannot trace it`(capabilities: String) throws {
    let other = "setpriv --reuid 65534 --regid 65534 --clear-groups"
    let starter = capabilities.isEmpty ? "" : "\(other) \(capabilities)"
    let result = try Command.shell(
      """
      said=$(mktemp)
      unshare --net \(starter) "$leakaudit" watch -i lo --no-docker --duration 20 >/dev/null 2>"$said" & pid=$!
      for _ in $(seq 100); do grep -q "watching lo" "$said" && break; sleep 0.1; done
      echo "uid $(awk '/^Uid/ {print $2}' "/proc/$pid/status")"
      \(other) cat "/proc/$pid/environ" >/dev/null 2>&1 && echo read
      \(other) kill -INT "$pid" && echo ended
      wait "$pid"; rm "$said"
      """)
    #expect(result.outputLines == ["uid 65534", "ended"], "\(result.output)\(result.errors)")
  }

  /// As in a container to which only CAP_NET_RAW was given. Docker's socket would be root's to open.
  @Test func `refuses to continue as root and says what it needs`() throws {
    let watch = "$leakaudit watch -i lo --no-docker --duration 0.1"
    let refused = try Command.shell("unshare --net setpriv --bounding-set=-all,+net_raw \(watch)")
    #expect(refused.status == 77)
    #expect(refused.errorLines.count == 1)
    #expect(refused.errors.contains("cap_add: [SETUID, SETGID]"))
    let enough = try Command.shell("unshare --net setpriv --bounding-set=-all,+net_raw,+setuid,+setgid \(watch)")
    #expect(enough.errors.contains("watching lo"), "\(enough.errors)")
  }

  /// As in a container, or in a service that may not trace.
  @Test(arguments: ["perfmon", "bpf"])
  func `without a capability for the kernel's programs it says so, and all else works`(_ capability: String) throws {
    let watch = "$leakaudit watch -i lo --no-docker --duration 0.1"
    let without = "unshare --net setpriv --bounding-set=-sys_admin,-\(capability)"
    let refused = try Command.shell("\(without) \(watch)")
    #expect(refused.errors.contains("watching lo"), "\(refused.errors)")
    let said = refused.errorLines.filter { $0.contains("processes that send are not named") }
    #expect(said.count == 1 && said.allSatisfy { $0.contains("CAP_BPF and CAP_PERFMON") }, "\(refused.errors)")
    let counts = refused.errorLines.filter { $0.contains("the kernel does not count packets") }
    #expect(counts.count == 1, "\(refused.errors)")
    #expect(refused.status == 3)
    for quiet in ["\(without) \(watch) --who off --kernel-counting off", "unshare --net \(watch)"] {
      let errors = try Command.shell(quiet).errors
      #expect(!errors.contains("processes that send") && !errors.contains("does not count"), "\(errors)")
    }
  }

  /// The loopback interface of a new namespace. libpcap shows its packets once, as incoming.
  @Test func `works with CAP_NET_RAW alone, gives it up, and sees everything`() throws {
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link set lo up
        setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw \\
          "$leakaudit" watch -i lo --role lo=bridge --no-docker --format json --duration 6 & watch=$!
        sleep 3
        grep -h -E "^(CapEff|CapPrm|NoNewPrivs)" /proc/$watch/task/*/status | sort -u >&2
        ping -c 3 -i 0.1 127.0.0.1 >/dev/null
        wait $watch'
      """)
    #expect(result.status == 0, "\(result.errors)")
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(summary.localKinds.first { $0.name == "loopback" }?.frames == 6)
    #expect(
      result.errorLines.filter { $0.hasPrefix("Cap") || $0.hasPrefix("NoNew") }
        == ["CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1"])
  }

  /// The kernel passes newer interfaces by their index; one with an older index must not be missed because of that.
  @Test func `an interface that appears later is audited, whatever its index`() throws {
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link add old index 500 type veth peer name old-end index 501
        "$leakaudit" watch -i late --role late=nic --no-docker --format json --duration 3 & watch=$!
        sleep 1
        ip link add late index 50 type veth peer name late-end index 51
        ip address add 203.0.113.9/24 dev late
        ip link set late-end up
        ip link set late up
        ip neighbour add 203.0.113.10 lladdr 02:00:00:00:00:09 dev late
        sleep 0.3
        ping -c 2 -i 0.1 -W 0.1 203.0.113.10 >/dev/null
        wait $watch'
      """)
    #expect(result.status == 1, "\(result.errors)")
    #expect(try result.summary().leaks("icmp") == 2)
  }

  @Test func `ends after --count frames, and SIGUSR1 prints a summary`() throws {
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link set lo up
        "$leakaudit" watch -i lo --role lo=bridge --no-docker --format ndjson --count 10 & watch=$!
        sleep 3
        kill -USR1 $watch
        sleep 0.3
        ping -c 20 -i 0.05 127.0.0.1 >/dev/null
        wait $watch'
      """)
    let summaries = result.outputLines.filter { $0.contains(#""schema":"leakaudit.summary/1""#) }
    #expect(summaries.count == 2)
    #expect(try result.summary().frames == 10)
  }
}
