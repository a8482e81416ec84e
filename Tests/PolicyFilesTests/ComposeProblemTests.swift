import ComposeFiles
import PolicyFiles
import Testing
import TextFiles

/// What Compose refuses is refused, with its exact place; what could hang or fill the memory too.
@Suite struct ComposeProblemTests {
  static let refused: [(String, String)] = [
    ("", "c.yaml: the file states nothing; is it the right file?"),
    ("[a]", "c.yaml:1: a Compose file must be a map of 'services:' and the like"),
    ("services: [", "c.yaml:2:1: this is not YAML"),
    ("services:\n  s: {image: a}\n  s: {image: b}", "c.yaml:2:3: one map holds the key 's' twice"),
    ("services: [a]", "c.yaml:1: 'services' must be a map of names and services"),
    ("services: {}", "c.yaml: it defines no service"),
    ("services:\n  s:", "c.yaml:2: service 's' must be a map"),
    ("services:\n  s: text", "c.yaml:2: service 's' must be a map"),
    (
      service("network_mode: host\nnetworks: [default]"),
      "c.yaml:4: service 's' has both 'network_mode' (c.yaml:3) and 'networks'; remove one"
    ),
    (
      service("networks:\n  - gone"),
      "c.yaml:4: service 's' is attached to the network 'gone', which is not defined; add it to 'networks' at the top"
    ),
    (service("depends_on:\n  gone: {}"), "c.yaml:4: service 's' depends on 'gone', which is not defined"),
    (service("network_mode: service:gone"), "c.yaml:3: service 's' uses the network of 'gone', which is not defined"),
    (service("depends_on: [t]") + "  t: {depends_on: [s]}", "c.yaml:4: services 't' and 's' depend on each other"),
    (service("network_mode: service:s"), "c.yaml:3: services 's' and 's' depend on each other"),
    (service("depends_on: {t: {condition: healthy}}") + "  t: {image: t}", "c.yaml:3: 'healthy' is not a condition"),
    (service("volumes:\n  - gone:/x"), "c.yaml:4: the volume 'gone' is not defined; add it to 'volumes' at the top"),
    (service("volumes: ['a:b:c:d']"), "c.yaml:3: 'a:b:c:d' is not a volume"),
    (
      service("volumes: ['${UNSET}:/x']"),
      "c.yaml:3: ':/x' is not a volume; write source:target or source:target:ro; the variable 'UNSET' is not set: state it "
        + "in .env or the environment"
    ),
    (
      service("image: a\nvolumes:\n  - $A$B:/x"),
      "c.yaml:5: ':/x' is not a volume; write source:target or source:target:ro; the variables 'A' and 'B' are not set: state "
        + "them in .env or the environment"
    ),
    (service("volumes: [{type: bind, target: /x}]"), "c.yaml:3: a bind names no 'source'"),
    (service("volumes: [{target: /x}]"), "c.yaml:3: a volume names no 'type'"),
    (service("configs: [gone]"), "c.yaml:3: the config 'gone' is not defined; add it to 'configs' at the top"),
    (service("secrets: [gone]"), "c.yaml:3: the secret 'gone' is not defined; add it to 'secrets' at the top"),
    (service("ports: ['x:80']"), "c.yaml:3: 'x' is not a port of the machine"),
    (service("ports: [0]"), "c.yaml:3: '0' is not a port of a container"),
    (service("ports: [65536]"), "c.yaml:3: '65536' is not a port of a container"),
    (service("ports: ['1-3:80-81']"), "c.yaml:3: the ranges '1-3' and '80-81' differ in length"),
    (service("ports: ['80/icmp']"), "c.yaml:3: 'icmp' is not a transport"),
    (service("ports: ['a:1:2']"), "c.yaml:3: 'a:1:2' has no address before its port"),
    (service("ports: [{published: 1}]"), "c.yaml:3: a port names no 'target'"),
    (service("privileged: perhaps"), "c.yaml:3: 'privileged' is 'perhaps'; write true or false"),
    (
      service("healthcheck: {test: [ping]}"),
      "c.yaml:3: 'test' must be a text, or a list that starts with NONE, CMD or CMD-SHELL"
    ),
    (service("cap_add: NET_ADMIN"), "c.yaml:3: 'cap_add' must be a list"),
    (service("image: [a]"), "c.yaml:3: 'image' must be a single value, not a list or a map"),
    (service("environment: {A: [b]}"), "c.yaml:3: the variable 'A' must be a single value"),
    (
      service("networks: {n: {ipv4_address: 'fd00::1'}}") + "networks: {n: }",
      "c.yaml:3: 'fd00::1' is not an IPv4 address"
    ),
    (
      service("networks: {n: {ipv6_address: x}}") + "networks: {n: }",
      "c.yaml:3: 'x' cannot be used; write an IPv6 address"
    ),
    (service("mac_address: 1"), "c.yaml:3: '1' cannot be used; write a MAC address"),
    (
      service("image: a") + "networks: {n: {ipam: {config: [{subnet: x}]}}}",
      "c.yaml:4: 'x' cannot be used; write address/length"
    ),
    (service("extends: s"), "c.yaml:3: 's' extends itself; remove one of the 'extends'"),
    (service("extends: gone"), "c.yaml:3: it extends 'gone', which 'c.yaml' does not define"),
    (service("extends: {file: gone.yaml, service: t}"), "c.yaml:3: there is no file 'gone.yaml'; check the path"),
    (service("extends: {file: c.yaml}"), "c.yaml:3: 'extends' must name a service"),
    ("include: [gone.yaml]\nservices: {s: {image: a}}", "c.yaml:1: there is no file 'gone.yaml'; check the path"),
    ("include: [c.yaml]\nservices: {s: {image: a}}", "c.yaml:1: 'c.yaml' includes itself; remove one of the includes"),
    ("include: [{env_file: a}]\nservices: {s: {image: a}}", "c.yaml:1: an include names no 'path'"),
    (service("<<: 1"), "c.yaml:3: '<<' takes a map or a list of maps"),
    (service("image: \"\\e[31m${\""), "c.yaml:3: '?[31m${' cannot be filled in"),
  ]

  @Test(arguments: refused)
  func `what Compose refuses is refused with its line`(text: String, problem: String) {
    let problems = ComposeTexts(text).problems()
    #expect(problems.count == 1, "\(problems)")
    #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
  }

  @Test func `a name that could control a terminal is refused`() {
    let problems = ComposeTexts(service("env_file: \"\\e[31m.env\"")).problems()
    #expect(problems == ["'?[31m.env': a file's name holds control characters; rename it"])
  }

  @Test func `a missing file is reported, and so is no file at all`() {
    #expect(ComposeTexts([:]).problems(["gone.yaml"]) == ["gone.yaml: there is no such file; check the path"])
    #expect(ComposeTexts([:]).problems([]).count == 1)
  }

  @Test func `all problems are reported at once`() {
    #expect(ComposeTexts(service("ports: [x]\nprivileged: maybe\nnetworks: [gone]")).problems().count == 3)
  }

  @Test func `unknown fields cause a warning`() throws {
    let project = try ComposeTexts("version: '3'\nvolume: {}\n" + service("image: a\ncap-add: [X]\nx-own: 1\nbuild: ."))
      .load()
    #expect(
      project.warnings.map(\.description) == [
        "c.yaml:2: a Compose file has no key 'volume' at its top; Compose refuses it",
        "c.yaml:6: a service has no key 'cap-add'; Compose refuses it",
      ])
  }

  @Test func `a missing env file of an inactive profile only causes a warning`() throws {
    let project = try ComposeTexts(service("profiles: [debug]\nenv_file: gone.env")).load()
    #expect(project.warnings.map(\.description) == ["c.yaml:4: there is no file 'gone.env'; check the path"])
  }
}
