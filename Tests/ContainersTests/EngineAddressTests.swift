import Containers
import Testing

@Suite struct EngineAddressTests {
  @Test(arguments: [
    (nil, EngineAddress.unixSocket(path: "/var/run/docker.sock")),
    ("", .unixSocket(path: "/var/run/docker.sock")),
    ("unix:///run/user/1000/docker.sock", .unixSocket(path: "/run/user/1000/docker.sock")),
    ("tcp://127.0.0.1:2376", .host("127.0.0.1:2376")),
    ("tcp://docker/", .host("docker:2375")),
    ("tcp://[::1]", .host("[::1]:2375")),
    ("tcp://[::1]:1", .host("[::1]:1")),
  ])
  func `reads DOCKER_HOST`(text: String?, address: EngineAddress) throws {
    #expect(try EngineAddress(environment: text.map { ["DOCKER_HOST": $0] } ?? [:]) == address)
  }

  @Test(arguments: [
    "ssh://host", "npipe:////./pipe/docker_engine", "/var/run/docker.sock", "unix://", "unix://docker.sock", "tcp://",
    "tcp://a@b", "tcp://host/path", "tcp://ho st", "http://host", "unix:///" + String(repeating: "x", count: 107),
  ])
  func `reports addresses that it cannot use`(text: String) {
    #expect { _ = try EngineAddress(environment: ["DOCKER_HOST": text]) } throws: { error in
      String(describing: error).hasPrefix("DOCKER_HOST: ")
    }
  }

  @Test func `does not speak in clear if TLS is required`() {
    #expect(throws: EngineAddress.Problem.self) {
      _ = try EngineAddress(environment: ["DOCKER_HOST": "tcp://docker:2376", "DOCKER_TLS_VERIFY": "1"])
    }
  }
}
