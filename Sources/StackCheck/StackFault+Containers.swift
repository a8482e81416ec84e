/// Who shares the namespace, who reaches it, and from when on.
extension StackFault {
  static let ofContainers: [Self] = [
    consumerNetAdmin, consumerNetRaw, engineReachable, machineReachable, gatewayFilesWritable, hostNetwork,
    outsideKillSwitch, portOnConsumer, healthCheckChangesRules, healthCheckBlind, healthyWithoutHealthCheck,
    startsBeforeTunnel, restartRace,
  ]

  package static let consumerNetAdmin = Self(
    "consumer-net-admin",
    title: "a consumer has NET_ADMIN",
    consequence:
      "it shares the tunnel's network namespace: it can take the rules away, and set the mark that passes them",
    mending: "remove NET_ADMIN and privileged from the consumer",
    reference: "capabilities(7); socket(7), SO_MARK")

  package static let consumerNetRaw = Self(
    "consumer-net-raw",
    title: "a consumer has NET_RAW, as Docker gives it",
    consequence:
      "a program in it that runs as root can send frames that no rule of iptables sees, with a packet socket; since Linux "
      + "5.17 it can also set the mark that passes the rules",
    mending: "add cap_drop: [NET_RAW] to the consumer",
    reference: "packet(7); socket(7), SO_MARK; Linux commit 079925cce1d0")

  package static let engineReachable = Self(
    "engine-reachable",
    title: "a container may command the engine",
    consequence:
      "whoever can ask the engine can start a program in the tunnel's network namespace that takes the rules away, or "
      + "sends with their mark",
    mending: "do not mount the socket, nor a folder that holds it: :ro does not limit what may be asked",
    reference: "docs.docker.com, Docker security, Docker daemon attack surface")

  package static let machineReachable = Self(
    "machine-reachable",
    title: "a container has power over the machine",
    consequence:
      "with it a program may leave its container, and change the rules of any network namespace from outside",
    mending: "remove what is named; mount a folder that is only read with :ro",
    reference: "capabilities(7); pid_namespaces(7); docker run, --privileged")

  package static let gatewayFilesWritable = Self(
    "gateway-files-writable",
    title: "another container may write what the gateway runs or reads",
    consequence:
      "what is written there runs with NET_ADMIN when the gateway starts again, and may open the kill switch",
    mending: "mount it there with :ro, or keep the gateway's files in a folder of their own",
    reference: "compose-spec, volumes; linuxserver/docker-wireguard, custom scripts")

  package static let hostNetwork = Self(
    "host-network",
    title: "the tunnel is in the machine's own network",
    consequence:
      "rules of OUTPUT hold for the machine's own programs alone: what other containers send is forwarded, and Docker's "
      + "rules let it out in clear",
    mending:
      "give the gateway a network of its own, and its consumers network_mode: service:NAME; else refuse in the chain "
      + "DOCKER-USER what does not leave by the tunnel",
    reference: "docs.docker.com, Packet filtering and firewalls, DOCKER-USER")

  package static let outsideKillSwitch = Self(
    "outside-kill-switch",
    title: "a service is outside of the kill switch",
    consequence: "all that it sends leaves in clear, with your own address",
    mending:
      "network_mode: service:NAME puts it inside; if it is meant to be outside, allow it by name in a policy file",
    reference: "compose-spec, network_mode")

  package static let portOnConsumer = Self(
    "port-on-consumer",
    title: "a port is published on the consumer",
    consequence:
      "its network is the gateway's: Docker refuses the container, and a way around this is a way around the tunnel",
    mending: "publish the port on the service that holds the tunnel",
    reference: "compose-spec, network_mode; docker run, --network container:")

  package static let healthCheckChangesRules = Self(
    "healthcheck-changes-rules",
    title: "the health check opens the kill switch",
    consequence: "it runs again and again while the container does: what it opens is open from its first run on",
    mending: "let a health check only look, and leave rules to the start-up script",
    reference: "compose-spec, healthcheck")

  package static let healthCheckBlind = Self(
    "healthcheck-blind",
    title: "the health check also passes while leaking",
    consequence: "a stack whose traffic leaves in clear is called healthy, and consumers start into it",
    mending: "bind the check to the tunnel, as in ping -I wg0",
    reference: "haugene/docker-transmission-openvpn#1721")

  package static let healthyWithoutHealthCheck = Self(
    "healthy-without-healthcheck",
    title: "a consumer waits for a health that nobody checks",
    consequence:
      "nothing: Compose refuses to start the consumer, and whoever removes the condition has it start before the tunnel",
    mending: "give the gateway a healthcheck that asks the tunnel, as in ping -c 1 -I wg0",
    reference: "compose-spec, depends_on and healthcheck")

  package static let startsBeforeTunnel = Self(
    "starts-before-tunnel",
    title: "a consumer starts before the tunnel is healthy",
    consequence: "what it sends in the first seconds meets whatever rules are there by then",
    mending: "give the gateway a healthcheck, and depends_on it with condition: service_healthy",
    reference: "compose-spec, depends_on; qdm12/gluetun#2484")

  package static let restartRace = Self(
    "restart-race",
    title: "the engine restarts a consumer without asking for the tunnel",
    consequence:
      "when the machine boots or the engine restarts, the engine asks for no depends_on: the consumer sends as soon as the "
      + "gateway's process runs, before its start-up scripts have",
    mending: "use restart: on-failure for consumers, and let docker compose up -d start the stack at boot",
    reference: "docs.docker.com, Start containers automatically; bubuntux/nordvpn#165")
}
