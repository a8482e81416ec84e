import Foundation

/// The container engine of the island: the installed one, with files of its own.
struct TwinEngine {
  private let island: Island

  init(_ island: Island) throws(DrillProblem) {
    self.island = island
    guard FileManager.default.createFile(atPath: "\(island.folder)/daemon.json", contents: Self.configuration()) else {
      throw DrillProblem(.failed, "\(island.folder): nothing can be written there")
    }
    try start()
  }

  func start() throws(DrillProblem) {
    // Without CAP_SYS_MODULE, br_netfilter stays out: it would apply this machine's firewall to the frames of its own
    // bridges.
    _ = try island.start(
      "engine",
      island.words([
        "setpriv", "--bounding-set=-sys_module", "dockerd", "--config-file", "\(island.folder)/daemon.json", "--host",
        "unix:///run/docker.sock", "--pidfile", "/run/docker.pid", "--data-root", "\(island.folder)/docker",
        "--exec-root", "/run/docker-exec", "--cgroup-parent", "/\(island.name)", "--exec-opt",
        "native.cgroupdriver=cgroupfs",
      ]))
    let deadline = ContinuousClock.now + .seconds(40)
    while try !island.run(["docker", "version"], within: .seconds(10)).succeeded {
      guard .now < deadline else {
        throw DrillProblem(.failed, "the twin's Docker engine does not start: \(island.log("engine"))")
      }
      usleep(100_000)
    }
  }

  /// Ends it as the machine's service manager does; containers end with it.
  func stop() throws(DrillProblem) {
    try island.demand(
      "the engine's end",
      [
        "bash", "-ec",
        "kill -TERM \"$(</run/docker.pid)\"; for _ in {1..300}; do [[ -e /run/docker.pid ]] || exit 0; sleep 0.1; done; exit 1",
      ])
  }

  /// The containers that Compose has made of these services, the newest first, by the labels that it gives them: it takes
  /// ten times as long to say so itself.
  func containers(of services: [String]) throws(DrillProblem) -> [String] {
    let text = try island.demand(
      "docker ps",
      ["docker", "ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Label \"com.docker.compose.service\"}}"])
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      let fields = line.split(separator: " ", maxSplits: 1).map(String.init)
      return fields.count == 2 && services.contains(fields[1]) ? fields[0] : nil
    }
  }

  /// What decides where packets go, of the configuration of this machine's engine.
  private static func configuration() -> Data {
    let kept: Set = [
      "bip", "default-address-pools", "dns", "dns-opts", "dns-search", "experimental", "fixed-cidr", "fixed-cidr-v6",
      "icc", "ip", "ip-forward", "ip-masq", "ip6tables", "iptables", "ipv6", "mtu", "userland-proxy",
    ]
    guard let data = FileManager.default.contents(atPath: "/etc/docker/daemon.json"),
      let all = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let text = try? JSONSerialization.data(withJSONObject: all.filter { kept.contains($0.key) })
    else { return Data("{}".utf8) }
    return text
  }

  /// Brings images from this machine's engine, which is only read.
  func load(_ images: [String]) throws(DrillProblem) {
    guard !images.isEmpty else { return }
    let own = island.words(["env", "DOCKER_HOST=unix:///run/docker.sock", "docker", "load", "--quiet"])
    try Command.demand(
      "the images cannot be copied",
      [
        "bash", "-c", "set -o pipefail; n=$1; shift; docker save \"${@:1:n}\" | \"${@:n+1}\"", "load",
        "\(images.count)",
      ]
        + images + own, environment: Command.userEnvironment, within: .seconds(900))
  }

  /// Whether this machine's engine has an image.
  static func has(_ image: String) throws(DrillProblem) -> Bool {
    let outcome = try Command.run(["docker", "image", "inspect", image], environment: Command.userEnvironment)
    guard outcome.succeeded || outcome.errors.lowercased().contains("no such image") else {
      throw DrillProblem(.missing, "Docker's engine does not answer: \(outcome.lastWord)")
    }
    return outcome.succeeded
  }

  /// The subnets that this machine's engine has for a network; none if it does not know it.
  static func subnets(ofNetwork name: String) throws(DrillProblem) -> [String] {
    let outcome = try Command.run(
      ["docker", "network", "inspect", "--format", "{{range .IPAM.Config}}{{.Subnet}}\n{{end}}", name],
      environment: Command.userEnvironment)
    return outcome.succeeded ? outcome.output.split(separator: "\n").map(String.init) : []
  }
}
