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
      "it shares the tunnel's network namespace: it can delete the rules, or set the mark that they let out",
    fix: "remove NET_ADMIN and privileged from the consumer",
    reference: "capabilities(7); socket(7), SO_MARK")

  package static let consumerNetRaw = Self(
    "consumer-net-raw",
    title: "a consumer has NET_RAW, which Docker grants by default",
    consequence:
      "a program in it that runs as root can use a packet socket to send frames that no iptables rule sees; since Linux "
      + "5.17 it can also set the mark that the rules let out",
    fix: "add cap_drop: [NET_RAW] to the consumer",
    reference: "packet(7); socket(7), SO_MARK; Linux commit 079925cce1d0")

  package static let engineReachable = Self(
    "engine-reachable",
    title: "a container can control the engine",
    consequence:
      "through the engine it can start a program in the tunnel's network namespace that deletes the rules, or "
      + "sends with the mark that they let out",
    fix: "do not mount the socket, or a folder that holds it: :ro does not limit what can be asked",
    reference: "docs.docker.com, Docker security, Docker daemon attack surface")

  package static let machineReachable = Self(
    "machine-reachable",
    title: "a container has power over the machine",
    consequence:
      "with it a program can escape from its container, and change the rules of any network namespace from outside",
    fix: "remove what is named; where a folder is only read, mount it with :ro",
    reference: "capabilities(7); pid_namespaces(7); docker run, --privileged")

  package static let gatewayFilesWritable = Self(
    "gateway-files-writable",
    title: "another container can change what the gateway runs or reads",
    consequence:
      "what it writes runs with NET_ADMIN when the gateway next starts, and can open the kill switch",
    fix: "mount it there with :ro, or keep the gateway's files in a folder of their own",
    reference: "compose-spec, volumes; linuxserver/docker-wireguard, custom scripts")

  package static let hostNetwork = Self(
    "host-network",
    title: "the tunnel is in the machine's own network",
    consequence:
      "rules in OUTPUT apply only to the machine's own programs: what other containers send is forwarded, and Docker's "
      + "rules let it out in clear",
    fix:
      "give the gateway its own network, and its consumers network_mode: service:NAME; or refuse, in the chain "
      + "DOCKER-USER, what does not leave through the tunnel",
    reference: "docs.docker.com, Packet filtering and firewalls, DOCKER-USER")

  package static let outsideKillSwitch = Self(
    "outside-kill-switch",
    title: "a service is outside the kill switch",
    consequence: "all that it sends leaves in clear, from your own address",
    fix:
      "network_mode: service:NAME puts it inside; if it is meant to be outside, allow it by name in a policy file",
    reference: "compose-spec, network_mode")

  package static let portOnConsumer = Self(
    "port-on-consumer",
    title: "a port is published on the consumer",
    consequence:
      "its network is the gateway's, so Docker refuses the container; a workaround would be a way around the tunnel",
    fix: "publish the port on the service that holds the tunnel",
    reference: "compose-spec, network_mode; docker run, --network container:")

  package static let healthCheckChangesRules = Self(
    "healthcheck-changes-rules",
    title: "the health check opens the kill switch",
    consequence: "it runs again and again: what it opens stays open from its first run on",
    fix: "only look in a health check, and set rules in the start-up script",
    reference: "compose-spec, healthcheck")

  package static let healthCheckBlind = Self(
    "healthcheck-blind",
    title: "the health check also passes while the stack leaks",
    consequence: "a stack whose traffic leaves in clear counts as healthy, and consumers start",
    fix: "bind the check to the tunnel, as in ping -I wg0",
    reference: "haugene/docker-transmission-openvpn#1721")

  package static let healthyWithoutHealthCheck = Self(
    "healthy-without-healthcheck",
    title: "a consumer waits for a health check that does not exist",
    consequence:
      "nothing: Compose refuses to start the consumer. Without the condition, it would start before the tunnel",
    fix: "give the gateway a healthcheck that tests the tunnel, as in ping -c 1 -I wg0",
    reference: "compose-spec, depends_on and healthcheck")

  package static let startsBeforeTunnel = Self(
    "starts-before-tunnel",
    title: "a consumer starts before the tunnel is healthy",
    consequence: "its first packets meet only those rules that are there by then",
    fix: "give the gateway a healthcheck, and the consumer depends_on with condition: service_healthy",
    reference: "compose-spec, depends_on; qdm12/gluetun#2484")

  package static let restartRace = Self(
    "restart-race",
    title: "the engine restarts a consumer without waiting for the tunnel",
    consequence:
      "when the machine boots or the engine restarts, the engine ignores depends_on: the consumer sends as soon as the "
      + "gateway's process runs, before its start-up scripts have run",
    fix: "use restart: on-failure for consumers, and let docker compose up -d start the stack at boot",
    reference: "docs.docker.com, Start containers automatically; bubuntux/nordvpn#165")
}
