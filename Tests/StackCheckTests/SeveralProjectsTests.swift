import ComposeFiles
import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// A consumer in another project than its gateway's: what ties the two, and what cannot.
@Suite struct SeveralProjectsTests {
  private static func project(_ text: String, in folder: String) throws -> ComposeProject {
    try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: folder) {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
  }

  private static let vpn = """
    services:
      gluetun:
        image: qmcgaw/gluetun
        container_name: gluetun
        cap_add: [NET_ADMIN]
        environment: {VPN_SERVICE_PROVIDER: custom, VPN_TYPE: wireguard, WIREGUARD_ENDPOINT_IP: 203.0.113.178}
      near: {image: alpine, network_mode: service:gluetun, restart: always}
    """

  @Test func `no fix suggests depends_on across projects`() throws {
    let media = """
      services:
        far: {image: alpine, network_mode: "container:gluetun", restart: unless-stopped}
        farther: {image: alpine, network_mode: service:far}
      """
    let all = try #require(
      ComposeProject.joined([try Self.project(Self.vpn, in: "/vpn"), try Self.project(media, in: "/media")]))
    let report = StackAudit.report(on: VPNStack(all))
    #expect(report.unread.isEmpty)
    let starts = report.findings.filter { $0.fault == .startsBeforeTunnel }
    #expect(
      starts.map(\.message).sorted() == [
        "the service 'near' does not wait for 'gluetun' to be healthy",
        "the services 'far' and 'farther' belong to other projects than 'gluetun', and depends_on does not reach there: nothing "
          + "waits for the tunnel",
      ])
    #expect(starts.filter { $0.message.contains("'near'") }.allSatisfy { $0.fix.contains("depends_on") })
    let others = report.findings.filter { $0.message.contains("'far'") }
    #expect(Set(others.map(\.fault)) == [.startsBeforeTunnel, .restartRace])
    #expect(
      others.allSatisfy { !$0.fix.contains("depends_on") && $0.fix.contains("docker compose up -d --wait") })
  }
}
