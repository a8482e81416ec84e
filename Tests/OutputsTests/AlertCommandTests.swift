import Foundation
import Glibc
import Outputs
import Policy
import TestSupport
import Testing

@Suite struct AlertCommandTests {
  @Test func `gets the alert on its standard input`() throws {
    let directory = try TemporaryDirectory()
    var command = AlertCommand("cat >> \(directory.path("seen"))")
    for number in 0..<3 { #expect(failure(&command, alert(number)) == nil) }
    #expect(directory.lines("seen") == (0..<3).map { alert($0).json })
  }

  @Test func `the command is not run for informational leaks`() throws {
    let directory = try TemporaryDirectory()
    let thread = OutletThread(AlertCommand("cat >> \(directory.path("seen"))")) { _ in }
    var told = alert(1)
    told.severity = .info
    var least = alert(2)
    least.severity = .low
    for alert in [told, least, told] { #expect(thread.post(alert)) }
    let report = Outbox([thread]).finish(within: .seconds(10))[0]
    #expect(report.notDelivered == 0)
    #expect(directory.lines("seen") == [least.json])
  }

  @Test func `the command need not read the alert, however long it is`() {
    var long = alert()
    long.json = #"{"name":"\#(String(repeating: "x", count: 1 << 20))"}"#
    var command = AlertCommand("true", limit: .seconds(10))
    #expect(failure(&command, long) == nil)
  }

  @Test(arguments: [
    ("exit 3", "exit status 3"), ("kill -9 $$", "ended by signal 9"),
    ("no-such-program-here", "exit status 127; is it installed?"), ("/dev/null", "exit status 126; is it executable?"),
  ])
  func `a failing command is a failed delivery`(line: String, reason: String) {
    var command = AlertCommand(line)
    #expect(failure(&command, alert()) == reason)
  }

  /// The shell and its child ignore SIGTERM; their numbers are not known to the system afterwards, not even as
  /// zombies'.
  @Test func `the command and its children end after the time limit`() throws {
    let directory = try TemporaryDirectory()
    var command = AlertCommand(
      "trap '' TERM; sleep 600 & echo $! > \(directory.path("child")); echo $$ > \(directory.path("shell")); wait; sleep 600",
      limit: .milliseconds(300))
    let start = ContinuousClock.now
    #expect(failure(&command, alert()) == "ended after its time limit of 300 ms")
    let took = ContinuousClock.now - start
    #expect(took > .milliseconds(300) && took < .seconds(5))
    for name in ["child", "shell"] {
      let number = try #require(Int32(directory.lines(name).first ?? ""))
      // init collects orphans.
      #expect(waits { kill(number, 0) != 0 || (name == "child" && Self.isZombie(number)) }, "\(name) is left")
    }
  }

  @Test func `the command gets time to end by itself`() throws {
    let directory = try TemporaryDirectory()
    var command = AlertCommand(
      "trap 'echo ended > \(directory.path("word")); exit' TERM; sleep 600 & wait", limit: .milliseconds(300))
    #expect(failure(&command, alert()) != nil)
    #expect(directory.lines("word") == ["ended"])
  }

  @Test func `the command does not outlive the program`() {
    let thread = OutletThread(AlertCommand("sleep 600")) { _ in }
    for _ in 0..<3 { thread.post(alert()) }
    let start = ContinuousClock.now
    let report = Outbox([thread]).finish(within: .milliseconds(300))[0]
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(report.delivered == 0)
    #expect(report.notDelivered == 3)
  }

  /// The outlet's thread blocks all signals, and a library left a descriptor open.
  @Test func `inherits neither signals nor descriptors`() throws {
    let directory = try TemporaryDirectory()
    _ = signal(SIGPIPE, SIG_IGN)
    let leaked = unsafe open("/dev/zero", O_RDONLY)
    defer { close(leaked) }
    let thread = OutletThread(
      AlertCommand(
        "grep -E '^Sig(Blk|Ign)' /proc/self/status > \(directory.path("signals")); ls -l /proc/self/fd > \(directory.path("descriptors"))"
      )
    ) { _ in }
    thread.post(alert())
    #expect(Outbox([thread]).finish(within: .seconds(10))[0].delivered == 1)
    // Bits 32 and 33 are the C library's own.
    let signals = directory.lines("signals").compactMap { UInt64($0.suffix(16), radix: 16) }
    #expect(signals.map { $0 & ~(3 << 31) } == [0, 0])
    let descriptors = directory.lines("descriptors")
    #expect(descriptors.contains { $0.contains("memfd:alert") })
    #expect(!descriptors.contains { $0.contains("/dev/zero") }, "\(descriptors)")
  }

  @Test func `gets a short environment, whatever the program's own is`() throws {
    let directory = try TemporaryDirectory()
    let own = [
      "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_TIME": "C", "TZ": "UTC", "DOCKER_HOST": "unix:///run/engine",
      "HOME": "/somebody", "USER": "somebody", "WIREGUARD_PRIVATE_KEY": "secret", "LD_PRELOAD": "/nowhere.so",
      "BASH_ENV": "/nowhere", "ENV": "/nowhere", "LEAKAUDIT_SERVE_TOKEN": "secret", "http_proxy": "http://nowhere",
    ]
    var command = AlertCommand("env > \(directory.path("environment"))", environment: own)
    #expect(failure(&command, alert()) == nil)
    let seen = Dictionary(
      uniqueKeysWithValues: directory.lines("environment").map { line in
        let parts = line.split(separator: "=", maxSplits: 1)
        return (String(parts[0]), String(parts.last ?? ""))
      })
    for name in ["PATH", "LANG", "LC_TIME", "TZ", "DOCKER_HOST"] { #expect(seen[name] == own[name], "\(name)") }
    let user = unsafe try #require(getpwuid(geteuid()))
    let (name, home) = unsafe (String(cString: user.pointee.pw_name), String(cString: user.pointee.pw_dir))
    #expect(seen["USER"] == name)
    #expect(seen["HOME"] == home)
    // The shell adds two of its own.
    let names = Set(seen.keys).subtracting(["PWD", "OLDPWD", "SHLVL", "_"])
    #expect(names == ["PATH", "LANG", "LC_TIME", "TZ", "DOCKER_HOST", "SHELL", "HOME", "USER", "LOGNAME"])
  }

  @Test func `finds programs where the environment says nothing`() throws {
    let directory = try TemporaryDirectory()
    var command = AlertCommand("echo $PATH > \(directory.path("path"))", environment: [:])
    #expect(failure(&command, alert()) == nil)
    #expect(directory.lines("path").first?.split(separator: ":").contains("/usr/bin") == true)
  }

  private static func isZombie(_ number: Int32) -> Bool {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(number)/stat") else { return false }
    return String(decoding: bytes, as: UTF8.self).contains(") Z ")
  }
}
