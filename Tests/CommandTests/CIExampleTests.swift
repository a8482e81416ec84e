import Foundation
import TestNeeds
import TestSupport
import Testing

/// The jobs of Examples/ci, run as the services run them.
@Suite(.needs(.jq)) struct CIExampleTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func path(_ name: String) -> String { Command.repository.appending(path: name).path }

  private func run(_ service: String, _ job: String) throws -> Command.Result {
    try Command.shell(
      """
      cd '\(directory.path)' && mkdir -p Examples && ln -sfn '\(path("Examples/ci"))' Examples/ci &&
      '\(path("Tests/Lab/ci"))' '\(path("Examples/ci"))/\(service).yml' \(job) "$leakaudit"
      """)
  }

  private func copyStack(_ name: String) throws {
    let line = "cp -r '\(path("Tests/Lab/findings/no-kill-switch"))/\(name)/.' '\(directory.path)'; "
    #expect(try Command.shell(line + "find '\(directory.path)' -name '*.conf' -exec chmod 600 {} +").status == 0)
  }

  private func copyCapture(_ name: String) throws {
    let files = "cp '\(path("captures/\(name).pcap"))' capture.pcap; cp '\(path("captures/healthy.wg0.conf"))' wg0.conf"
    #expect(try Command.shell("cd '\(directory.path)' && \(files)").status == 0)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.path(name), encoding: .utf8)
  }

  private struct Quality: Decodable {
    struct Location: Decodable {
      struct Lines: Decodable { var begin: Int }
      var path: String
      var lines: Lines
    }
    var name, description, fingerprint, severity: String
    var location: Location

    private enum CodingKeys: String, CodingKey {
      case description, fingerprint, severity, location
      case name = "check_name"
    }
  }

  @Test(arguments: ["github", "gitlab"]) func `the job for files fails on a finding and keeps it`(service: String)
    throws
  {
    try copyStack("flagged")
    #expect(try run(service, "files").status == 1)
    #expect(try text("leakaudit.sarif").contains("no-kill-switch"))
    guard service == "gitlab" else { return }
    let findings = try JSONDecoder().decode([Quality].self, from: Data(text("code-quality.json").utf8))
    let finding = try #require(findings.first { $0.name == "no-kill-switch" })
    #expect(finding.location.path.hasSuffix("compose.yaml") && finding.location.lines.begin == 2)
    #expect(finding.severity == "critical" && !finding.description.isEmpty)
    #expect(Set(findings.map(\.fingerprint)).count == findings.count)
  }

  @Test(arguments: ["github", "gitlab"]) func `the job for files passes a stack that holds`(service: String) throws {
    try copyStack("mended")
    let result = try run(service, "files")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(try text("leakaudit.sarif").contains("\"results\""))
  }

  @Test(arguments: ["github", "gitlab"]) func `the job for captures fails on leaks and tells them`(service: String)
    throws
  {
    try copyCapture("malformed-postup.bridge")
    let result = try run(service, "capture")
    #expect(result.status == 1, "\(result.errors)")
    if service == "github" {
      let lines = result.outputLines
      #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("::error title=leakaudit::") }, "\(result.output)")
      #expect(lines.contains { $0.contains("high dns: DNS query outside the tunnel") })
    } else {
      #expect(try text("leaks.xml").contains("<failure "))
    }
  }

  @Test(arguments: ["github", "gitlab"]) func `the job for captures passes a clean one`(service: String) throws {
    try copyCapture("healthy.nic")
    let result = try run(service, "capture")
    #expect(result.status == 0 && result.output.isEmpty, "\(result.output)\(result.errors)")
  }
}
