/// Complete projects as people run them, rewritten.
enum ComposeStacks {
  /// A WireGuard client with a kill switch script, and a speed test in its network namespace.
  static let client = [
    "docker-compose.yaml": """
    services:
      wireguard:
        image: lscr.io/linuxserver/wireguard:latest
        container_name: wireguard
        hostname: wireguard
        cap_add:
          - NET_ADMIN
          - SYS_MODULE
        environment:
          - PUID=${PUID}
          - PGID=${PGID}
          - TZ=${TZ}
        volumes:
          - ${CONFIG_DIR}/wireguard:/config
          - ${CONFIG_DIR}/wireguard_startup:/custom-cont-init.d:ro
          - /lib/modules:/lib/modules
        ports:
          - 8080:80
        sysctls:
          - net.ipv4.conf.all.src_valid_mark=1
        healthcheck:
          test: ping -c 1 1.1.1.1 || exit 1
          interval: 2s
          start_period: 10s
          start_interval: 2s
          timeout: 5s
          retries: 3
        restart: unless-stopped
      speedtest-tracker:
        image: lscr.io/linuxserver/speedtest-tracker:latest
        restart: unless-stopped
        container_name: speedtest-tracker
        network_mode: service:wireguard
        environment:
          - PUID=${PUID}
          - TZ=${TZ}
          - APP_KEY=${APP_KEY}
          - SPEEDTEST_SCHEDULE="*/10 * * * *"
        volumes:
          - ${CONFIG_DIR}/speedtest-tracker:/config
        healthcheck:
          test: curl -fSs http://localhost/api/healthcheck | jq -r .message || exit 1
          interval: 10s
        depends_on:
          wireguard:
            condition: service_healthy
    """,
    ".env": """
    # ======== user ========
    PUID=1000
    PGID=1000
    TZ=Australia/Sydney

    # ======== directories ========
    CONFIG_DIR=/srv/wireguard-stack/configs
    APP_KEY=base64:c3VjaCBhIGtleQ==
    """,
  ]

  /// Client and server in one container, a resolver, a proxy and a media server in its namespace, a notifier
  /// outside the kill switch, and a second network without a way out.
  static let clientAndServer = [
    "docker-compose.yml": """
    version: "3.9"
    x-user: &user
      PUID: ${PUID:-1000}
      PGID: ${PGID:-1000}
      TZ: ${TZ}

    networks:
      default:
        name: docker-stack-network
        ipam:
          config:
            - subnet: 10.0.2.0/24
      traefik-internal:
        name: traefik-internal
        internal: true

    services:
      wireguard:
        image: lscr.io/linuxserver/wireguard:latest
        container_name: wireguard
        cap_add: [NET_ADMIN, SYS_MODULE]
        environment:
          <<: *user
          LOG_CONFS: "false"
        volumes:
          - ./configs/wireguard/wg_confs:/config/wg_confs
          - ./configs/wireguard/init:/custom-cont-init.d:ro
          - /lib/modules:/lib/modules:ro
        networks:
          default:
            ipv4_address: 10.0.2.2
          traefik-internal:
        ports:
          - 80:80
          - 443:443
          - 51820:51820/udp
        sysctls:
          net.ipv4.conf.all.src_valid_mark: 1
          net.ipv4.ip_forward: 1
        healthcheck:
          test: [CMD-SHELL, "wg show wg1 && ping -c 1 1.1.1.1"]
        restart: unless-stopped
      pihole:
        image: pihole/pihole:latest
        container_name: pihole
        network_mode: service:wireguard
        cap_add: [NET_ADMIN]
        environment:
          <<: *user
          FTLCONF_dns_upstreams: 1.1.1.1
        depends_on:
          wireguard: {condition: service_healthy}
      traefik:
        image: traefik:v3
        network_mode: service:wireguard
        depends_on: [docker-socket-proxy]
        volumes: ["./configs/traefik:/etc/traefik:ro"]
        labels: ["traefik.http.middlewares.auth.basicauth.users=admin:$$apr1$$x"]
      jellyfin:
        image: jellyfin/jellyfin
        network_mode: service:wireguard
        volumes:
          - {type: bind, source: ./media, target: /media, read_only: true}
      docker-socket-proxy:
        image: tecnativa/docker-socket-proxy
        networks: [traefik-internal]
        environment: {CONTAINERS: 1}
        volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
      ntfy:
        image: binwiederhier/ntfy
        restart: unless-stopped
    """,
    ".env": "TZ=Europe/Lisbon\n",
  ]
}
