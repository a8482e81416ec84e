import Foundation
import Policy
import PolicyFiles
import TestSupport
import Testing
import TextFiles
import Wire

@Suite struct TextFileTests {
  @Test func `a file is read as it is`() throws {
    try withDirectory(["a": "text\r\n"]) { path in
      let bytes = try TextFile.bytes(of: path + "/a")
      #expect(bytes == Array("text\r\n".utf8))
    }
  }

  @Test func `missing files, directories and non-directories are named as such`() throws {
    try withDirectory(["a": ""]) { path in
      #expect(problem { try TextFile.bytes(of: path + "/none") }?.message == "there is no such file; check the path")
      #expect(problem { try TextFile.bytes(of: path) }?.message == "this is a directory; name a file in it")
      #expect(problem { try TextFile.bytes(of: path + "/a/b") }?.message.hasPrefix("this is not a directory") == true)
    }
  }

  @Test func `a file that this user may not read is reported`() throws {
    try withDirectory(["a": ""]) { path in
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path + "/a")
      // Root reads everything; then there is nothing to test.
      guard !FileManager.default.isReadableFile(atPath: path + "/a") else { return }
      #expect(problem { try TextFile.bytes(of: path + "/a") }?.message.hasPrefix("this user may not read it") == true)
    }
  }

  @Test func `a file of a mebibyte is read, a larger one refused`() throws {
    let text = String(repeating: "#", count: TextFile.sizeLimit)
    try withDirectory(["fits": text, "large": text + "#"]) { path in
      let bytes = try TextFile.bytes(of: path + "/fits")
      #expect(bytes.count == TextFile.sizeLimit)
      #expect(problem { try TextFile.bytes(of: path + "/large") }?.message.contains("larger than 1 MiB") == true)
    }
  }

  @Test func `a device without end is refused`() {
    #expect(problem { try TextFile.bytes(of: "/dev/zero") }?.message.contains("larger than 1 MiB") == true)
  }

  @Test func `a policy that is not UTF-8 is refused, a configuration is read`() throws {
    try withDirectory([:]) { path in
      let bytes = Data("[Interface]\n# ".utf8 + [0xE9, 0xFF] + "\nMTU = 1420\n".utf8)
      try bytes.write(to: URL(fileURLWithPath: path + "/a"))
      #expect(throws: PolicyFileError.self) { try PolicyFile.read(path + "/a") }
      let config = try WireGuardConfig.read(path + "/a")
      #expect(config.mtu?.value == 1420)
    }
  }

  @Test func `a policy brings the configurations beside it`() throws {
    let files = [
      "policy.yaml": "wg-config: wg0.conf\nresolve: {vpn.example.org: 192.0.2.1}\n",
      "wg0.conf": "[Peer]\nEndpoint = vpn.example.org:51820\n",
    ]
    try withDirectory(files) { path in
      var policy = TunnelPolicy()
      let loaded = try PolicyFile.load(path + "/policy.yaml", into: &policy)
      #expect(policy.endpoints.map(\.value.endpoint.description) == ["192.0.2.1:51820"])
      #expect(policy.endpoints.map(\.origin) == ["\(path)/wg0.conf:2"])
      #expect(loaded.configProblems.map(\.line) == [1])
      #expect(loaded.file.names.count == 1)
    }
  }

  @Test func `a configuration that a policy names and that is missing is an error`() throws {
    try withDirectory(["policy.yaml": "wg-config: wg0.conf\n"]) { path in
      var policy = TunnelPolicy()
      #expect {
        try PolicyFile.load(path + "/policy.yaml", into: &policy)
      } throws: { error in
        let problem = (error as? PolicyFileError)?.problems.first?.description
        return problem
          == "\(path)/wg0.conf: there is no such file; check the path; it is named in \(path)/policy.yaml:1"
      }
    }
  }

  private func problem<Value>(_ body: () throws -> Value) -> PolicyFileProblem? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? PolicyFileProblem
    }
  }
}
