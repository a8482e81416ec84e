# The stacks that are drilled; a library for bash, on top of example.sh. Each function writes a project as a user has
# it, gives the engine its images, and leaves the folder in DRILL_PROJECT and the compose files in DRILL_FILES.
# Nothing of it is started: a drill reads files and images.
# shellcheck shell=bash disable=SC2034

DRILL_STACKS=(mended article named later gluetun allinone)
DRILL_PROJECT=
DRILL_FILES=()

# Examples/stack, with its own kill switch.
drill_mended() { drill_example mended; }

# The same with the article's final start-up script, with the routes of its author's repository.
drill_article() { drill_example article; }

# The same, with a name for its Endpoint.
drill_named() {
    drill_example article
    sed -i "s|^Endpoint = .*|Endpoint = vpn.example:$LAB_PORT|" "$LAB_CONF"
}

drill_example() {
    EXAMPLE_PROJECT=$LAB_DIR/drilled
    LAB_CONF=$EXAMPLE_PROJECT/wireguard/wg_confs/wg0.conf
    example_project "$1"
    example_conf valid
    DRILL_PROJECT=$EXAMPLE_PROJECT
    DRILL_FILES=()
    local word
    for word in "${EXAMPLE_FILES[@]}"; do [[ $word == --file ]] || DRILL_FILES+=("$word"); done
}

# The article's author's later one: a client of the provider and a server for phones in one container, and four
# services behind it, of which one may change its rules.
drill_later() {
    drill_copy "$LAB_SOURCE/stacks/client-and-server"
    cp "$LAB_SOURCE/stack/later.yaml" "$DRILL_PROJECT/docker-compose.override.yaml"
    DRILL_FILES=("$DRILL_PROJECT/docker-compose.yaml" "$DRILL_PROJECT/docker-compose.override.yaml")
    drill_images lscr.io/linuxserver/wireguard lscr.io/linuxserver/jellyfin traefik tecnativa/docker-socket-proxy \
        binwiederhier/ntfy
    # Its image has a health check, for which others wait: whether it answers on 127.0.0.1.
    drill_build pihole/pihole "FROM $LAB_IMAGE" 'HEALTHCHECK --interval=1s CMD true'
}

# gluetun's shape: all is refused, but answers, the Endpoint, and what goes into the tunnel.
drill_gluetun() {
    drill_copy "$LAB_SOURCE/stack/gluetun"
    mkdir -p "$DRILL_PROJECT/startup" "$DRILL_PROJECT/config"
    cp "$LAB_SOURCE/stack/gluetun-rules.sh" "$DRILL_PROJECT/startup/"
    drill_conf >"$DRILL_PROJECT/config/wg0.conf"
    drill_images qmcgaw/gluetun lscr.io/linuxserver/qbittorrent
}

# An image that has client, kill switch and application.
drill_allinone() {
    drill_copy "$LAB_SOURCE/stack/allinone"
    mkdir -p "$DRILL_PROJECT/config/wireguard"
    drill_conf >"$DRILL_PROJECT/config/wireguard/wg0.conf"
    drill_build qbittorrent-vpn "FROM $LAB_IMAGE" 'COPY allinone-start.sh /start' 'ENTRYPOINT ["/bin/bash", "/start"]'
}

# drill_build IMAGE LINE...: from the lines of a Dockerfile, beside the files of Tests/Lab/stack.
drill_build() {
    mkdir -p "$LAB_DIR/context"
    cp "$LAB_SOURCE"/stack/*.sh "$LAB_DIR/context/"
    printf '%s\n' "${@:2}" >"$LAB_DIR/context/Dockerfile"
    DOCKER_BUILDKIT=0 docker build --network none --tag "$1" "$LAB_DIR/context" >"$LAB_DIR/build.log" 2>&1 ||
        lab_fail "no image $1: $(tail -n 5 "$LAB_DIR/build.log")"
}

# drill_copy FOLDER
drill_copy() {
    DRILL_PROJECT=$LAB_DIR/drilled
    DRILL_FILES=("$DRILL_PROJECT/docker-compose.yaml")
    rm -rf "$DRILL_PROJECT"
    cp -r "$1" "$DRILL_PROJECT"
}

# The lab's image under the names that a project has for its own.
drill_images() {
    local image
    for image; do docker tag $LAB_IMAGE "$image:latest"; done
}

# As a provider writes it for a machine without IPv6.
drill_conf() {
    scenario_conf valid | sed -e "s|^Address = .*|Address = $LAB_TUNNEL_V4|" -e 's|^AllowedIPs = .*|AllowedIPs = 0.0.0.0/0|'
}

# drill_state FOLDER: what a drill must leave as it was on the machine, without what changes by itself: network, firewall,
# processes, the engine's, and each file of the folder. Each section begins with its name, so that a difference says where it is.
drill_state() {
    lab_in host bash -euc '
        echo names; ip netns list
        # The engine gives a started container another one.
        echo links; ip -o link | grep -v veth | sed "s/ qlen.*//"; ip -o address | grep -v veth | sed "s/ tentative//"
        ip rule; ip -6 rule; ip route; ip -6 route | grep -v veth || true
        echo firewall; for tables in iptables ip6tables; do $tables-save | sed "/^#/d; s/\[[0-9:]*\]//" | sort; done
        nft list tables 2>/dev/null || true
        echo settings; sysctl -a 2>/dev/null | grep -E "^net\..*(forwarding|ip_forward|rp_filter|disable_ipv6) " | grep -v veth
        # Not this shell, what it starts, health checks, and what applications do all the time.
        echo processes
        ps -e -o args= | grep -vE "^(ps|grep|sort|bash -euc|runc|ping|iptables|/bin/sh -c ping|dig|sleep [0-9]+)( |$)" | sort
        echo engine; docker ps --all --no-trunc --format "{{.ID}} {{.Image}} {{.Names}} {{.State}}" | sort
        docker images --all --no-trunc --format "{{.ID}} {{.Repository}}:{{.Tag}}" | sort
        docker network ls --no-trunc; docker volume ls
        echo files; find "$1" -printf "%p %y %m %U %G %s %T@\n" | sort; find "$1" -type f -exec sha256sum {} + | sort
        ' state "$1"
}
