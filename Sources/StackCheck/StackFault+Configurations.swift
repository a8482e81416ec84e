/// Faults of name resolution, and of a configuration by itself.
extension StackFault {
  static let ofConfigurations: [Self] = [
    dnsMissing, dockerResolverOpen, resolverOutside, allowedIPsPartial, allowedIPsIPv6, endpointName, keyReadable,
    srcValidMark,
  ]

  package static let dnsMissing = Self(
    "dns-missing",
    title: "the configuration names no resolver",
    consequence:
      "names are looked up with the container's resolver, which is Docker's: it asks from the container's "
      + "namespace or, if the host's resolver is a loopback address, from the host's, where the container's "
      + "rules do not apply",
    fix: "add DNS = with the tunnel's resolver to [Interface]",
    reference: "moby/moby#47538, CVE-2024-29018")

  package static let dockerResolverOpen = Self(
    "docker-resolver-open",
    title: "Docker's resolver asks the machine's resolver",
    consequence:
      "while the tunnel is down, every program asks 127.0.0.11, and Docker passes the query on to the machine's "
      + "resolver; if that is a loopback address (systemd-resolved), it asks from the machine's own namespace, where the "
      + "container's rules do not apply",
    fix: "add dns: with the tunnel's resolver to the service that holds the tunnel",
    reference: "moby/moby#47538, CVE-2024-29018")

  package static let resolverOutside = Self(
    "resolver-outside",
    title: "names are looked up outside the tunnel",
    consequence: "every name that a consumer looks up leaves in clear, even while the tunnel is up",
    fix: "use gluetun's own resolver: remove the variable, or name a resolver behind the tunnel",
    reference: "gluetun-wiki, setup/options/dns.md; qdm12/gluetun#3217")

  package static let allowedIPsPartial = Self(
    "allowed-ips-partial",
    title: "AllowedIPs do not cover all of IPv4",
    consequence: "what they do not cover goes around the tunnel, unless the rules refuse it",
    fix: "write AllowedIPs = 0.0.0.0/0, ::/0",
    reference: "wg(8), AllowedIPs")

  package static let allowedIPsIPv6 = Self(
    "allowed-ips-ipv6",
    title: "AllowedIPs do not cover IPv6",
    consequence: "IPv6 goes around the tunnel as soon as the network has it",
    fix: "add ::/0 to AllowedIPs, and an IPv6 address, or refuse IPv6",
    reference: "RFC 7359")

  package static let endpointName = Self(
    "endpoint-name",
    title: "the Endpoint is a name",
    consequence:
      "it is looked up outside the tunnel at each start: whoever answers chooses where the tunnel goes. A kill switch "
      + "that holds blocks the lookup, and no tunnel comes up",
    fix: "write the address instead of the name",
    reference: "CVE-2023-36673 (TunnelCrack, ServerIP); wg(8), Endpoint")

  package static let keyReadable = Self(
    "key-readable",
    title: "others can read the private key",
    consequence: "anyone with the key can take the tunnel's place at the provider",
    fix: "chmod 600 the file",
    reference: "wg-quick(8): 'is world accessible'")

  package static let srcValidMark = Self(
    "src-valid-mark",
    title: "the sysctl src_valid_mark is missing",
    consequence:
      "wg-quick sets it as its last step; in a container that fails, and wg-quick takes the tunnel down again",
    fix: "add sysctls: [net.ipv4.conf.all.src_valid_mark=1] to the service",
    reference: "wireguard-tools src/wg-quick/linux.bash, add_default; linuxserver/docker-wireguard, README")
}
