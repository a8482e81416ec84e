import Foundation
import TestNeeds
import TestSupport
import Testing

/// Options that stand in a YAML file: the file, then the environment, then the command line.
@Suite struct OptionsFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `policy shows where each value came from`() throws {
    let file = try directory.file(
      "options.yaml",
      """
      endpoint: 203.0.113.178:51820
      resolver: [192.168.1.1, 9.9.9.9]
      audited:
        - 172.18.0.0/16
        - 02:42:ac:12:00:02
      role: eth0=nic
      buffer: 64
      """)
    let result = try Command.run(
      ["policy", "--no-docker", "--options", file, "--endpoint", "203.0.113.9:51820", "--local", "198.51.100.0/24"],
      environment: ["LEAKAUDIT_RESOLVER": "1.1.1.1", "LEAKAUDIT_AUDITED": "172.19.0.0/16"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.outputLines.map { $0.split(separator: " ").joined(separator: " ") } == [
        "endpoint 203.0.113.178:51820 (\(file):1)", "endpoint 203.0.113.9:51820 (--endpoint)",
        "resolver 192.168.1.1 (\(file):2)", "resolver 9.9.9.9 (\(file):2)", "resolver 1.1.1.1 (LEAKAUDIT_RESOLVER)",
        "local 198.51.100.0/24 (--local)", "audited 172.18.0.0/16 (\(file):4)",
        "audited 172.19.0.0/16 (LEAKAUDIT_AUDITED)", "audited 02:42:ac:12:00:02 (\(file):5)",
        "role eth0 is the nic (\(file):6)",
      ])
    #expect(
      result.errorLines == [
        "leakaudit: from \(file): endpoint, resolver, audited, role",
        "leakaudit: from the environment: LEAKAUDIT_AUDITED, LEAKAUDIT_RESOLVER",
      ])
  }

  @Test(arguments: [
    ("only: dms", [:], [], "dms"), ("only: dms", ["LEAKAUDIT_BUFFER": "4"], [], "dms"),
    ("duration: -1", ["LEAKAUDIT_DURATION": "-2"], ["--duration=-3"], "--duration takes seconds above 0"),
    ("buffer: many", [:], [], "options.yaml:1: The value 'many' is invalid"),
    ("buffer: many", ["LEAKAUDIT_BUFFER": "more"], [], "LEAKAUDIT_BUFFER: The value 'more' is invalid"),
    ("buffer: 4\ncount: 0", [:], [], "options.yaml:2: --count takes a number of frames above 0"),
    ("count: 0", ["LEAKAUDIT_COUNT": "5", "LEAKAUDIT_BUFFER": "0"], [], "LEAKAUDIT_BUFFER: --buffer takes"),
    ("bufer: 4", [:], [], "options.yaml:1:1: there is no option 'bufer'; the nearest is buffer"),
    ("options: x", [:], [], "options.yaml:1:1: there is no option 'options'"),
    ("help: true", [:], [], "options.yaml:1:1: there is no option 'help'"),
    ("control: maybe", [:], [], "options.yaml:1:10: control is 'maybe'; write true or false"),
    ("buffer: [1, 2]", [:], [], "options.yaml:1:9: buffer must be a single value"),
    ("alerts: {a: b}", [:], [], "options.yaml:1:9: alerts must be a single value"),
    ("user:", [:], [], "user has no value"), ("user: \"no\\0body\"", [:], [], "user holds a NUL byte"),
    ("buffer: 1\nbuffer: 2", [:], [], "options.yaml:1:1: one map holds the key 'buffer' twice"),
    ("- buffer", [:], [], "a file of options must be a map"), ("a: [", [:], [], "this is not YAML"),
    ("", [:], [], "the file states nothing"),
  ])
  func `what cannot be used is told with its place`(
    text: String, environment: [String: String], arguments: [String], words: String
  ) throws {
    let file = try directory.file("options.yaml", text)
    for named in [["--options", file], ["--options=\(file)"]] {
      let result = try Command.run(["watch", "--no-docker"] + named + arguments, environment: environment)
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }

  @Test func `the later place wins, also over a flag, and lists add up`() throws {
    let file = try directory.file(
      "options.yaml", "syslog: true\nsyslog-format: nonsense\non-leak: [\"true\", exit 0]\nbuffer: 64\n")
    let result = try Command.run(
      ["test-alert", "--on-leak", "exit 3"],
      environment: ["LEAKAUDIT_OPTIONS": file, "LEAKAUDIT_SYSLOG": "no", "LEAKAUDIT_SYSLOG_FORMAT": "rfc5424"])
    #expect(result.outputLines == ["command: accepted", "command: accepted", "command: exit status 3"])
    #expect(result.status == 1)
    #expect(result.errors.contains("from \(file): syslog, syslog-format, on-leak\n"), "\(result.errors)")
  }

  @Test func `a missing file is missing input, and other commands take none`() throws {
    #expect(try Command.run(["watch", "--options", directory.path("none.yaml")]).status == 66)
    #expect(try Command.run(["replay", "--options", "x", "captures/healthy.nic.pcap"]).status == 64)
    #expect(try Command.run(["watch", "--options"]).status == 64)
  }

  @Test(.needs(.root, .namespaces, .iproute)) func `a whole watch may be set by a file`() throws {
    let file = try directory.file(
      "options.yaml",
      "interface: lo\ndocker: false\nduration: 60\nformat: json\ncount: 4\nrole: [lo=nic]\nendpoint: 203.0.113.9:51820\n"
    )
    let result = try Command.shell(
      """
      unshare --net sh -c '
        ip link set lo up
        "$leakaudit" watch --options \(file) & watch=$!
        sleep 1
        ping -c 20 -i 0.05 127.0.0.1 >/dev/null
        wait $watch'
      """)
    #expect(try result.summary().frames == 4, "\(result.errors)")
    #expect(result.output.replacing("\\/", with: "/").contains("\(file):7"), "\(result.output)")
  }
}
