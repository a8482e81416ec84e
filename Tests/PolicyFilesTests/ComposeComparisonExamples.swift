extension ComposeComparisonTests {
  /// One file each.
  static let plain = [
    Example(
      name: "lists",
      files: [
        "docker-compose.yml": """
        version: '3.9'
        services:
          vpn:
            image: lscr.io/linuxserver/wireguard:${TAG:-latest}
            container_name: vpn
            cap_add: [NET_ADMIN, SYS_MODULE]
            cap_drop: [ALL]
            environment:
              - PUID=1000
              - EMPTY=
              - FROM_OUTSIDE
              - UNSET
              - EQUALS=a=b
              - DOLLAR=$$HOME
              - SCHEDULE="*/10 * * * *"
            volumes:
              - ./conf:/config
              - ../other/:/other:ro
              - ~/lib:/lib:ro,z
              - /lib/modules:/lib/modules
              - named:/named
              - /anonymous
            sysctls:
              - net.ipv4.conf.all.src_valid_mark=1
              - net.ipv6.conf.all.disable_ipv6=0
            ports:
              - 8080:80
              - "51820:51820/udp"
              - "127.0.0.1:53:53/udp"
              - "8000-8002:9000-9002"
              - "3000-3002"
              - "443"
            dns: 10.64.0.1
            restart: unless-stopped
            healthcheck:
              test: ping -c 1 1.1.1.1 || exit 1
          web:
            image: nginx
            network_mode: service:vpn
            depends_on: [vpn]
            privileged: true
            restart: "no"
          unhealthy:
            image: nginx
            dns: [10.64.0.1, 10.64.0.2]
            healthcheck: {disable: true}
          args:
            image: nginx
            network_mode: host
            healthcheck: {test: [CMD, wg, show]}
        volumes:
          named:
        """
      ], environment: ["HOME": "/home/user", "FROM_OUTSIDE": "a value"]),
    Example(
      name: "maps, long forms, and dependencies with conditions",
      files: [
        "docker-compose.yml": """
        version: '3.9'
        services:
          vpn:
            image: a
            environment:
              NUMBER: 1000
              OCTAL: 022
              HEXADECIMAL: 0x1F
              FRACTION: 1.50
              TEXT: "022"
              NOTHING:
              EMPTY: ""
              AGREED: "yes"
            sysctls:
              net.ipv4.ip_forward: 1
            networks:
              front:
              back:
                ipv4_address: 10.0.2.7
                ipv6_address: fd00:1::7
            volumes:
              - {type: bind, source: ./a, target: /a, read_only: true}
              - {type: volume, source: named, target: /b}
            ports:
              - {target: 80, published: 8080}
              - {target: 53, published: 53, protocol: udp}
          web:
            image: b
            depends_on:
              vpn: {condition: service_healthy}
        networks:
          front: {driver: bridge}
          back:
            internal: true
            ipam:
              config:
                - subnet: 10.0.2.0/24
                - subnet: fd00:1::/64
          default:
            name: docker-stack-network
          other: {external: true}
          named: {external: true, name: real}
        volumes: {named: {}}
        """
      ]),
    Example(
      name: "variables and env files",
      files: [
        ".env": """
        # a comment
        PUID=1000
        export TZ=Australia/Sydney
        DIR=/srv/configs
        QUOTED="in quotes"
        SINGLE='also here'
        EMPTY=
        BOTH=from the file

        """,
        "one.env": "# values\r\nA=one\r\nB=two words\r\nC=\"quoted\"\r\n",
        "two.env": "B=later\nD='single $X'\nE=a#b\nF=a #comment\n",
        "docker-compose.yml": """
        version: '3.9'
        services:
          s:
            image: "a:${MISSING-none}"
            env_file: [one.env, ./two.env]
            environment:
              P: ${PUID}
              T: $TZ
              Q: ${QUOTED}
              S: ${SINGLE}
              DEFAULT: ${MISSING:-a b}
              SOFT: ${EMPTY-unset}
              HARD: ${EMPTY:-empty}
              REQUIRED: ${PUID:?is needed}
              BOTH: ${BOTH}
              A: over the file
              MISSING: x${MISSING}y
              MIXED: "a $PUID-${PUID}b $$PUID $${PUID}"
            volumes: ["${DIR}/wg:/config:ro"]
          t:
            image: b
            env_file: one.env
        """,
      ], environment: ["HOME": "/home/user", "BOTH": "from the process"]),
    Example(
      name: "anchors and merge keys",
      files: [
        "docker-compose.yml": """
        version: '3.9'
        x-common: &common
          restart: always
          cap_drop: [ALL]
          environment: &variables
            PUID: 1000
            TZ: UTC
        x-dns: &dns {dns: [10.64.0.1], restart: never-seen}
        services:
          a:
            <<: *common
            image: a
          b:
            <<: [*common, *dns]
            image: b
            environment:
              <<: *variables
              TZ: Europe/Berlin
          c:
            image: c
            environment: *variables
        """
      ]),
  ]
}
