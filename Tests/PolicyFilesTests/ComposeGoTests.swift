import ComposeFiles
import Testing
import TextFiles

/// What compose-go's own tests expect (template_test.go, override/*_test.go): a second oracle beside
/// docker-compose 1.29, which is older than some of it.
@Suite struct ComposeGoTests {
  private func filled(_ text: String) throws -> String? {
    let environment = ["FULL": "one", "EMPTY": "", "OBJECT": #"{"a":2}"#]
    return try ComposeTexts(service("image: '\(text)'"), environment: environment).load().the("s").image?.value
  }

  @Test(arguments: ["a $ in words", "^REGEX$", "$}", "$", "^/(.+)$", "$(date +%s)", "$1", "a$-b", "$$$ "])
  func `a dollar sign that begins no variable stays`(text: String) throws {
    #expect(try filled(text) == text.replacing("$$", with: "$"))
  }

  @Test(
    arguments: [
      ("$${FULL}", "${FULL}"), ("$FULL-b", "one-b"), ("-x ${EMPTY:-d}", "-x d"), ("+x ${U:-${EMPTY-d}}", "+x "),
      (":-x ${U-d}", ":-x d"), (":-x ${EMPTY-d}", ":-x "), (":?x ${EMPTY-d}", ":?x "), ("?x ${EMPTY:-d}", "?x d"),
      ("${U-$FULL}", "one"), ("${U-${FULL} ${FULL}}", "one one"), ("${EMPTY+$FULL ${FULL:+two}}", "one two"),
      ("${EMPTY:-/non:-alphanumeric}", "/non:-alphanumeric"), ("${FULL:?e}", "one"), ("${EMPTY?e}", ""),
      ("${U-myerror?msg}", "myerror?msg"), ("${FULL?bar-baz}", "one"), ("${S:-redis}.${FULL:?}", "redis.one"),
      ("${A:+${A},}B", "B"), (#"${U:-{"a":1}}"#, #"{"a":1}"#), (#"${U-{"a":1}}"#, #"{"a":1}"#),
      (#"${OBJECT:-{"a":1}}"#, #"{"a":2}"#), (#"${OBJECT-{"a":1}} x"#, #"{"a":2} x"#), ("${U:-^a$}", "^a$"),
    ] as [(String, String)])
  func `variables are filled in`(text: String, expected: String) throws {
    #expect(try filled(text) == expected)
  }

  @Test(arguments: ["${", "${}", "${ }", "${ FULL}", "${FULL }", "${FULL!}", "x ${1}"])
  func `braces without a variable are refused`(text: String) {
    #expect(throws: PolicyFileError.self) { try filled(text) }
  }

  @Test func `an unused variable is not missed`() throws {
    #expect(try ComposeTexts(service("image: '${A:+${A},}B'")).load().warnings.isEmpty)
    #expect(try ComposeTexts(service("image: '${A:-${B}}x'")).load().warnings.count == 1)
  }

  @Test func `of entries with the same name the last one counts`() throws {
    let s = try ComposeTexts(
      service(
        """
        environment: [FOO=BAR, BAR=QIX, QIX=, ZOT, FOO=ZOT, QIX, ZOT=]
        volumes: [".:/foo", "named:/bar", "other:/foo"]
        ports: ["9080:80", "9081:81", "9080:80", "5000", "6060:6060/udp", "9080:6060/udp"]
        """) + "volumes: {named: , other: }\n"
    ).load().the("s")
    #expect(s.environment.mapValues(\.value) == ["FOO": "ZOT", "BAR": "QIX", "ZOT": ""])
    #expect(s.mounts.map(\.target) == ["/foo", "/bar"])
    #expect(s.mounts.map(\.kind) == [.volume("other"), .volume("named")])
    #expect(
      s.ports.map { "\($0.published ?? ""):\($0.target)/\($0.transport)" } == [
        "9080:80/tcp", "9081:81/tcp", ":5000/tcp", "6060:6060/udp", "9080:6060/udp",
      ])
  }

  @Test func `lists and maps are merged`() throws {
    let s = try ComposeTexts([
      "c.yaml": service(
        "environment: {FOO: 1}\ndns: [10.8.0.8, 10.10.10.10, 10.9.9.9]\nsysctls: {net.a: 1, net.b: 1}\n"
          + "networks: [front, back]\ncap_add: [NET_ADMIN]") + "networks: {front: , back: }\n",
      "o.yaml": service(
        "environment: [FOO=3, EMPTY=, NIL]\ndns: 10.9.9.9\nsysctls: [net.b=3]\nnetworks: {front: {aliases: [x]}}\n"
          + "cap_add: [NET_ADMIN, NET_RAW]"),
    ]).load(["c.yaml", "o.yaml"]).the("s")
    #expect(s.environment.mapValues(\.value) == ["FOO": "3", "EMPTY": ""])
    #expect(s.resolvers.map(\.value) == ["10.8.0.8", "10.10.10.10", "10.9.9.9"])
    #expect(s.sysctls.mapValues(\.value) == ["net.a": "1", "net.b": "3"])
    #expect(s.networks.map(\.network) == ["front", "back"])
    #expect(s.addedCapabilities.map(\.value) == ["NET_ADMIN", "NET_RAW"])
  }

  @Test(
    arguments: [
      (":8080:8080", nil, "8080"), ("::8080", nil, nil), (":8080", nil, nil), ("127.0.0.1::8080", "127.0.0.1", nil),
    ] as [(String, String?, String?)])
  func `a port's empty part counts as absent`(text: String, host: String?, published: String?) throws {
    let port = try #require(try ComposeTexts(service("image: a\nports: ['\(text)']")).load().the("s").ports.first)
    #expect(port.hostAddress == host && port.published == published && port.target == "8080")
  }

  @Test func `an invalid address is refused`() {
    #expect(ComposeTexts(service("ports: ['127.0.1:8080:80']")).problems().first?.contains("no address") == true)
  }
}
