import Foundation
import TestNeeds
import TestSupport
import Testing

/// What a check of a stack's files would flag, on the wire: the examples of Tests/Lab/findings in the lab.
///
/// Limitations: the image's start is done by the lab's scripts, not by the image (Tests/Lab/findings.sh says what is
/// done), and of compose.yaml only what matters to a network namespace is applied.
@Suite(.serialized, .needs(.root, .lab, .minutes)) struct FindingProofTests {
  private static let folder = Command.repository.appending(path: "Tests/Lab/findings")

  @Test func `each flagged stack leaks or has no tunnel, and the fixed one does not`() throws {
    // Some faults show in no capture of namespaces: who may read a key, and when the engine starts a container.
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
      FileManager.default.fileExists(atPath: Self.folder.appending(path: "\($0)/proof").path)
    }
    #expect(names.count > 20)
    // A minute and a half on two cores, while other tests have them too.
    let result = try Lab.run("prove", [], limit: .seconds(400))
    #expect(Set(result.outputLines.map { String($0.prefix { $0 != ":" }) }) == Set(names))
    #expect(result.outputLines.count == names.count)
    for line in result.outputLines { #expect(line.hasSuffix("; ok"), "\(result.errors)") }
  }

  /// Needs a real engine: plain namespaces have none.
  @Test(.needs(.docker)) func `a consumer that can control the engine opens the kill switch`() throws {
    let result = try Lab.run("engine", [], limit: .seconds(900))
    #expect(result.output.hasSuffix("; ok\n"), "\(result.output)\(result.errors)")
  }

  @Test(arguments: ["flagged", "mended"])
  func `a proof fails where both stacks are the same`(_ version: String) throws {
    let directory = try TemporaryDirectory()
    let finding = directory.url.appending(path: "reject-unreachable")
    let original = Self.folder.appending(path: "reject-unreachable")
    try FileManager.default.createDirectory(at: finding, withIntermediateDirectories: true)
    for name in ["flagged", "mended"] {
      try FileManager.default.copyItem(
        at: original.appending(path: version), to: finding.appending(path: name))
    }
    try FileManager.default.copyItem(at: original.appending(path: "proof"), to: finding.appending(path: "proof"))
    let result = try Lab.run("prove", [finding.path], status: 1)
    #expect(result.output.hasSuffix("; wrong\n"))
  }
}
