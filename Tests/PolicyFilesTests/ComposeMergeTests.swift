import ComposeFiles
import Testing
import TextFiles

/// Merged files, and services merged with those that they extend or include.
@Suite struct ComposeMergeTests {
  private func merged(_ base: String, _ over: String) throws -> ComposeProject {
    try ComposeTexts(["c.yaml": base, "d/over.yaml": over]).load(["c.yaml", "d/over.yaml"])
  }

  @Test func `later files win, and every value's place is in the file that states it last`() throws {
    let project = try merged(
      service(
        """
        image: a
        container_name: one
        environment: {A: 1, B: 1}
        dns: 10.0.0.1
        volumes: ["./a:/a", "./b:/b"]
        ports: ["80:80"]
        cap_add: [NET_ADMIN]
        healthcheck: {test: [CMD, a], interval: 1s}
        sysctls: [a=1]
        networks: [n]
        depends_on: [t]
        """) + "  t: {image: t}\nnetworks: {n: {internal: true}}\n",
      service(
        """
        image: b
        environment: [B=2]
        dns: [10.0.0.2]
        volumes: ["./x:/b:ro"]
        ports: ["80:80", "81:81"]
        cap_add: [NET_ADMIN, NET_RAW]
        healthcheck: {test: [CMD, b]}
        sysctls: {a: 2}
        networks: {m: }
        depends_on: {t: {condition: service_healthy}}
        """) + "networks: {m: , n: {driver: bridge}}\n")
    let s = try project.the("s")
    #expect(s.place.description == "d/over.yaml:2")
    #expect(s.image?.shown == "b@d/over.yaml:3")
    #expect(s.containerName?.shown == "one@c.yaml:4")
    #expect(s.environment.mapValues(\.shown) == ["A": "1@c.yaml:5", "B": "2@d/over.yaml:4"])
    #expect(s.resolvers.map(\.shown) == ["10.0.0.1@c.yaml:6", "10.0.0.2@d/over.yaml:5"])
    #expect(
      s.mounts.map { "\($0.kind) \($0.target) \($0.place)" } == [
        "bind(\"a\") /a c.yaml:7", "bind(\"x\") /b d/over.yaml:6",
      ])
    #expect(s.ports.map { "\($0.target) \($0.place)" } == ["80 c.yaml:8", "81 d/over.yaml:7"])
    #expect(s.addedCapabilities.map(\.shown) == ["NET_ADMIN@c.yaml:9", "NET_RAW@d/over.yaml:8"])
    #expect(s.healthCheck?.value.test == .arguments(["b"]))
    #expect(s.healthCheck?.place.description == "d/over.yaml:9")
    #expect(s.sysctls.mapValues(\.shown) == ["a": "2@d/over.yaml:10"])
    #expect(s.networks.map(\.network) == ["n", "m"])
    #expect(s.dependencies.map(\.value.condition) == ["service_healthy"])
    #expect(try project.the("t").place.description == "c.yaml:14")
    let n = try #require(project.network("n"))
    #expect(n.isInternal)
    #expect(n.driver == "bridge")
  }

  @Test func `reset removes and override replaces`() throws {
    let project = try merged(
      service("image: a\nports: [\"80:80\"]\nenvironment: {A: 1, B: 1}\nnetwork_mode: host\ncap_add: [NET_ADMIN]"),
      service(
        "ports: !reset []\nenvironment: {A: !reset null, C: 1}\nnetwork_mode: !reset\ncap_add: !override [NET_RAW]"))
    let s = try project.the("s")
    #expect(s.ports.isEmpty)
    #expect(s.environment.keys.sorted() == ["B", "C"])
    #expect(s.networkMode == nil)
    #expect(s.networks.map(\.network) == ["default"])
    #expect(s.addedCapabilities.map(\.value) == ["NET_RAW"])
  }

  @Test func `a service can be reset, and a null changes only environment`() throws {
    let project = try merged(
      service("image: a\nports: [\"80:80\"]\nenvironment: {A: 1}") + "  t: {image: t}\n",
      service("image:\nports:\nenvironment: {A: }") + "  t: !reset null\n")
    #expect(project.services.map(\.name) == ["s"])
    #expect(try project.the("s").image?.value == "a")
    #expect(try project.the("s").ports.count == 1)
    #expect(try project.the("s").environment.isEmpty)
  }

  @Test func `anchors and merge keys keep the place of the anchored text`() throws {
    let project = try ComposeTexts(
      """
      x-one: &one
        image: one
        restart: always
      x-two: &two {restart: never, dns: 10.0.0.1}
      services:
        s:
          <<: [*one, *two]
          image: own
        t: *one
        u:
          <<: *one
          environment: &e {A: 1}
        v: {image: v, environment: {<<: *e, B: 2}}
      """
    ).load()
    let s = try project.the("s")
    #expect(s.image?.shown == "own@c.yaml:8")
    #expect(s.restart?.shown == "always@c.yaml:3")
    #expect(s.resolvers.map(\.shown) == ["10.0.0.1@c.yaml:4"])
    #expect(try project.the("t").image?.shown == "one@c.yaml:2")
    #expect(try project.the("v").environment.mapValues(\.shown) == ["A": "1@c.yaml:12", "B": "2@c.yaml:13"])
  }

  @Test func `a service extends one of another file, whose paths start at its own folder`() throws {
    let project = try ComposeTexts([
      "stack/c.yaml": service("extends: {file: ../lib/base.yaml, service: vpn}\nenvironment: {A: own}")
        + "  t: {extends: s, image: t}\n",
      "lib/base.yaml": """
      services:
        vpn:
          extends: {service: deep}
          environment: {A: base, B: base}
        deep:
          image: ${TAG:-deep}
          volumes: ["./conf:/config"]
          env_file: v.env
      """,
      "lib/v.env": "V=1",
    ]).load(["stack/c.yaml"])
    for name in ["s", "t"] {
      let service = try project.the(name)
      #expect(
        service.environment.mapValues(\.shown) == [
          "A": "own@stack/c.yaml:4", "B": "base@lib/base.yaml:4", "V": "1@lib/v.env:1",
        ])
      #expect(service.mounts.map { "\($0.kind) \($0.place)" } == ["bind(\"lib/conf\") lib/base.yaml:7"])
    }
    #expect(try project.the("s").image?.value == "deep")
    #expect(try project.the("t").image?.value == "t")
  }

  @Test func `what an extending service resets is reset in earlier files too`() throws {
    let files = ComposeTexts([
      "c.yaml": service("image: a\nports: [80]\ncap_add: [A]"),
      "over.yaml": service("extends: {file: lib.yaml, service: b}\nports: !reset []\ncap_add: !override [C]"),
      "lib.yaml": "services: {b: {ports: [81], cap_add: [B], restart: always}}",
    ])
    let s = try files.load(["c.yaml", "over.yaml"]).the("s")
    #expect(s.ports.isEmpty)
    #expect(s.addedCapabilities.map(\.value) == ["C"])
    #expect(s.restart?.value == "always")
  }

  @Test func `an included project keeps its folder and its variables`() throws {
    let project = try ComposeTexts(
      [
        "c.yaml": """
        include:
          - sub/c.yaml
          - path: [other/a.yaml, other/b.yaml]
            project_directory: home
            env_file: o.env
        services:
          s: {image: $WHO, network_mode: "service:sub"}
        """,
        ".env": "WHO=top",
        "sub/c.yaml": "services: {sub: {image: $WHO $OWN, volumes: ['./a:/a'], networks: [n]}}\nnetworks: {n: }",
        "sub/.env": "WHO=never\nOWN=sub",
        "other/a.yaml": "services: {other: {image: $OWN, volumes: ['./a:/a']}}",
        "other/b.yaml": "services: {other: {restart: always}}",
        "o.env": "OWN=other",
      ]
    ).load()
    #expect(project.services.map(\.name).sorted() == ["other", "s", "sub"])
    #expect(try project.the("sub").image?.shown == "top sub@sub/c.yaml:1")
    #expect(try project.the("sub").mounts.first?.kind == .bind("sub/a"))
    #expect(try project.the("other").image?.value == "other")
    #expect(try project.the("other").restart?.shown == "always@other/b.yaml:1")
    #expect(try project.the("other").mounts.first?.kind == .bind("home/a"))
    #expect(project.network("n")?.name == "stack_n")
  }

  @Test func `a conflict with an included file is refused, unless a later file overrides it`() throws {
    let files = ComposeTexts([
      "c.yaml": "include: [sub.yaml]\nservices: {s: {image: a}, t: {image: t}}",
      "sub.yaml": "services: {s: {image: b}, t: {image: t}}",
      "d.yaml": "include: [sub.yaml]",
      "over.yaml": "services: {s: {image: over}}",
    ])
    #expect(
      files.problems() == [
        "c.yaml:1: services 's' is defined in c.yaml:2 and in the included sub.yaml:1; change it in an override file"
      ])
    #expect(try files.load(["d.yaml", "over.yaml"]).the("s").image?.value == "over")
  }

  @Test func `an include from elsewhere is left out with a warning`() throws {
    let project = try ComposeTexts("include: ['https://example.org/c.git']\nservices: {s: {image: a}}").load()
    #expect(
      project.warnings.map(\.description) == [
        "c.yaml:1: 'https://example.org/c.git' is not on this machine; what it includes is left out"
      ])
  }
}
