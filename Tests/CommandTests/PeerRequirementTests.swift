import Foundation
import TestSupport
import Testing

/// `require: peer-verified`: a handshake to the Endpoint must be for the configured peer.
@Suite struct PeerRequirementTests {
  private static let capture = "captures/healthy.bridge.pcap"
  /// The same Endpoint, and a key that is not that of the recording.
  private static let foreign = "captures/formats/wg0.conf"

  private static func policy(_ text: String) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try Data(text.utf8).write(to: directory.url.appending(path: "policy.yaml"))
    return directory
  }

  private func replay(_ config: String, _ policy: [String]) throws -> Command.Result {
    try Command.run(["replay", Self.capture, "--wg-config", config, "--format", "json"] + policy)
  }

  @Test func `another peer's handshake is a leak under peer-verified, otherwise a notice`() throws {
    let directory = try Self.policy("require: peer-verified\n")
    let demand = ["--policy", directory.path("policy.yaml")]
    #expect(try replay("captures/healthy.wg0.conf", demand).status == 0)
    let result = try replay(Self.foreign, demand)
    let summary = try result.summary()
    #expect(result.status == 1)
    // The initiation, and all data of the session that it began.
    #expect(summary.leaks("not-wireguard") == summary.leak && summary.leak == 14 && summary.tunnel == 0)
    summary.expectToAddUp()
    let told = try replay(Self.foreign, [])
    #expect(told.status == 0)
    #expect(try told.summary().notices.contains { $0.kind == "peer-mismatch" })
    let explained = try Command.run(["explain", Self.capture, "6", "--wg-config", Self.foreign] + demand)
    #expect(
      explained.words.contains(
        "Does it belong to a handshake with the configured peer, as the policy requires? no: its mac1 is for another key"
      ))
  }

  /// libgcrypt's FIPS mode, which a kernel may require, has no BLAKE2s: unless it is left, no handshake can be
  /// recognized.
  @Test func `the peer is recognized in FIPS mode too`() throws {
    let directory = try Self.policy("require: peer-verified\n")
    let result = try Command.shell(
      """
      LIBGCRYPT_FORCE_FIPS_MODE=1 "$leakaudit" replay \(Self.capture) --wg-config captures/healthy.wg0.conf \
        --policy '\(directory.path("policy.yaml"))'
      """)
    #expect(result.status == 0 && result.errors.isEmpty)
  }

  @Test func `require accepts only peer-verified`() throws {
    let directory = try Self.policy("require: luck\n")
    let result = try replay(Self.foreign, ["--policy", directory.path("policy.yaml")])
    #expect(result.status == 64)
    #expect(result.errors.contains("policy.yaml:1:10: require is 'luck'; it can only be peer-verified"))
  }
}
