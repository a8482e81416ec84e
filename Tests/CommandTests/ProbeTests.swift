import Foundation
import TestNeeds
import Testing

/// A drill's probes and the drill's internet, in network namespaces (Tests/Lab/probes).
@Suite(.serialized, .needs(.root, .probes)) struct ProbeTests {
  private func probe(_ subject: String) throws {
    let result = try Lab.run("probes", [Command.binary.path, subject])
    #expect(result.outputLines.last == "\(subject): as it must be")
  }

  @Test func `an answer that tells a tunnel's address came through the tunnel`() throws { try probe("through") }

  @Test(.needs(.lab)) func `a real tunnel shows what goes around it, and that all does once it is gone`() throws {
    try probe("tunnelled")
  }

  @Test func `an answer that tells another address came around it`() throws { try probe("around") }

  @Test func `what a firewall rejects is refused, with the error's name`() throws { try probe("refused") }

  @Test func `an error that another machine told shows that machine`() throws { try probe("unreachable") }

  @Test func `what a firewall drops is refused where the kernel says so, and silent otherwise`() throws {
    try probe("dropped")
  }

  @Test func `what nobody answers is silent`() throws { try probe("silent") }

  @Test func `what needs a capability is told once where it is missing`() throws { try probe("unprivileged") }

  @Test func `the internet answers from the address that was asked`() throws { try probe("asked") }

  @Test func `a flow keeps its socket, and tells when it was opened again`() throws { try probe("flows") }

  @Test func `a flow outlasts refusals, and tells each`() throws { try probe("rejected") }

  @Test func `the internet goes on answering whatever arrives`() throws { try probe("hostile") }

  @Test func `both end with their input, and nothing is told twice`() throws { try probe("ends") }
}
