extension ComposeComparisonTests {
  /// Files over files, services over services, and whole stacks.
  static let layered = [
    Example(
      name: "files laid over each other",
      files: [
        "docker-compose.yml": """
        version: '3.9'
        services:
          vpn:
            image: a
            cap_add: [NET_ADMIN]
            dns: 10.64.0.1
            environment: [A=1, B=2]
            env_file: first.env
            ports: ["8080:80", "53:53/udp"]
            volumes: ["./a:/a", "./b:/b:ro"]
            sysctls: {net.ipv4.ip_forward: 0}
            networks: [one]
            healthcheck: {test: [CMD, "true"]}
          web:
            image: b
            network_mode: service:vpn
        networks:
          one: {}
        """,
        "first.env": "X=1\nY=1\n",
        "sub/second.env": "Y=2\n",
        "sub/over.yml": """
        version: '3.9'
        services:
          vpn:
            image: later
            cap_add: [SYS_MODULE, NET_ADMIN]
            dns: [10.64.0.2]
            environment: {B: over, C: 3}
            env_file: sub/second.env
            ports: ["8080:80", "443:443"]
            volumes: ["./c:/b", "./d:/d"]
            sysctls: [net.ipv4.ip_forward=1]
            networks: {two: {ipv4_address: 10.9.0.2}}
            healthcheck: {test: [CMD, "false"]}
            depends_on: [new]
          new: {image: c}
        networks:
          one: {internal: true}
          two: {ipam: {config: [{subnet: 10.9.0.0/24}]}}
        """,
      ], order: ["docker-compose.yml", "sub/over.yml"]),
    Example(
      name: "extends, from the same file and from another folder's",
      files: [
        "docker-compose.yml": """
        version: '2.4'
        services:
          base:
            image: a
            environment: [A=1, B=2]
            volumes: ["./own:/own"]
          s:
            extends: base
            environment: {B: own}
          t:
            extends: {file: lib/common.yml, service: vpn}
            environment: {C: 3}
            cap_add: [SYS_MODULE]
        """,
        "lib/common.yml": """
        version: '2.4'
        services:
          deep:
            image: deep
            env_file: deep.env
            volumes: ["./conf:/config:ro"]
          vpn:
            extends: {service: deep}
            cap_add: [NET_ADMIN]
            environment: [A=common]
            dns: 10.64.0.1
        """,
        "lib/deep.env": "D=deep\n",
      ]),
    Example(
      name: "a client with a kill switch",
      // Newer than the other program, and not relevant here.
      files: ComposeStacks.client.mapValues {
        $0.split(separator: "\n").filter { !$0.contains("start_interval") }.joined(separator: "\n")
      }, order: ["docker-compose.yaml"]),
    Example(name: "client and server in one container", files: ComposeStacks.clientAndServer),
  ]
}
