import ComposeFiles
import TestNeeds
import Testing
import TextFiles

/// Projects in the forms that docker-compose 1.29.2 knows, read by it and by this program.
@Suite(.needs(.dockerCompose)) struct ComposeComparisonTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var name: String
    var files: [String: String]
    var order = ["docker-compose.yml"]
    var environment: [String: String] = ["HOME": "/home/user"]

    var testDescription: String { name }
  }

  @Test(arguments: plain + layered)
  func `docker-compose reads the same`(example: Example) throws {
    let oracle = try DockerComposeOracle(files: example.files)
    let (printed, complaint) = try oracle.printed(example.order, environment: example.environment)
    let text = try #require(printed, "docker-compose refuses it: \(complaint)")
    let theirs = try DockerComposeOracle.lines(printed: text)
    let project = try ComposeProject.load(
      example.order.map { oracle.folder + "/" + $0 }, environment: example.environment)
    let ours = oracle.lines(read: project)
    #expect(theirs.count > 3)
    #expect(theirs.subtracting(ours).sorted() == [])
    #expect(ours.subtracting(theirs).sorted() == [])
  }

  /// Projects that both refuse.
  @Test(arguments: [
    "services: {s: {image: a, network_mode: host, networks: [n]}}\nnetworks: {n: }",
    "services: {s: {image: a, depends_on: [t]}}",
    "services: {s: {image: a, network_mode: 'service:t'}}",
    "services: {s: {image: a, env_file: gone.env}}",
    "services: {s: {image: '${A:?is needed}'}}",
    "services: {s: {image: '${A'}}",
    "services: {s: {image: 'a${'}}",
    "services: {s: {image: a, volumes: ['named:/x']}}",
    "services: {s: {image: a, ports: ['x:80']}}",
    "services: {s: {image: a, extends: {service: gone}}}",
    "services: {s: {image: a, depends_on: [t]}, t: {image: b, depends_on: [s]}}",
    "services: [a]",
    "services: {s: {image: a, environment: {A: [b]}}}",
    "services: {s: {image: a, cap_add: NET_ADMIN}}",
    "[a]",
  ])
  func `docker-compose refuses the same`(text: String) throws {
    let oracle = try DockerComposeOracle(files: ["docker-compose.yml": "version: '2.4'\n" + text])
    #expect(try oracle.printed(["docker-compose.yml"], environment: [:]).text == nil)
    #expect(throws: PolicyFileError.self) {
      try ComposeProject.load([oracle.folder + "/docker-compose.yml"], environment: [:])
    }
  }
}
