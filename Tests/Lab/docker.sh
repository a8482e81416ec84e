# The lab with the real container engine: a library for bash, on top of lab.sh.
#
#   wireguard (172.18.0.2) + qbittorrent --br-stack-- host --eth0-- inet
#   ntfy (172.18.0.3), outside the tunnel ----'
#
# dockerd, containerd and the containers run inside `host`: its network, its processes, its mounts
# and its /run. They end with its first process, and all that they write is below LAB_DIR or in a
# mount of `host`. Two things are wider than namespaces: control groups, which get a parent of the
# lab's own that docker_lab_down removes, and kernel modules and AppArmor profiles, which the
# engine is kept from loading. Ctrl-C and failures are as in lab.sh; only SIGKILL leaves a lab behind.
#
# Use: source lab.sh and this, `docker_lab_require`, `trap docker_lab_down EXIT`, `docker_lab_up`,
# `docker_lab_network_up`, `docker_lab_stack_up [SCRIPT]` with a configuration in LAB_CONF. DOCKER_HOST is
# exported: `lab_in host leakaudit ...` sees bridge, NIC, processes and engine as on a real machine.
# shellcheck shell=bash disable=SC2034

LAB_NTFY=172.18.0.3
LAB_IMAGE=leakaudit-lab
LAB_IMAGE_ARCHIVE=
LAB_CONTAINERS=(wireguard qbittorrent ntfy)

# A machine without the image, and without a way to make it, lacks a tool like any other.
docker_lab_require() {
    lab_require docker dockerd containerd containerd-shim-runc-v2 runc docker-compose debootstrap setpriv flock
    LAB_IMAGE_ARCHIVE=$("$LAB_SOURCE/image") || exit 77
}

# The engine, with the image and without a network for the stack.
docker_lab_up() {
    lab_hosts
    lab_server
    LAB_STACK_CONF=/config/wg0.conf
    mkdir -p "$LAB_DIR/configs/wireguard_startup" "$LAB_DIR/docker-client"
    # What this machine's engine and its user are configured to is not the lab's.
    echo '{}' >"$LAB_DIR/daemon.json"
    export DOCKER_HOST=unix://$LAB_DIR/docker.sock DOCKER_CONFIG=$LAB_DIR/docker-client
    unset DOCKER_CONTEXT DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
    # Where AppArmor's files cannot be seen, the engine loads no profile into the kernel.
    [[ ! -d /sys/kernel/security ]] || lab_in host mount -t tmpfs tmpfs /sys/kernel/security
    docker_lab_engine_up
    docker import --change 'ENTRYPOINT ["/init"]' "$LAB_IMAGE_ARCHIVE" $LAB_IMAGE >/dev/null
}

docker_lab_engine_up() {
    # Without CAP_SYS_MODULE, br_netfilter stays out: it would apply the machine's firewall to the
    # frames of the machine's own bridges.
    lab_daemon host engine setpriv --bounding-set=-sys_module dockerd \
        --config-file "$LAB_DIR/daemon.json" --host "$DOCKER_HOST" --pidfile "$LAB_DIR/docker.pid" \
        --data-root "$LAB_DIR/docker" --exec-root "$LAB_DIR/docker-exec" \
        --cgroup-parent "/$LAB_PREFIX" --exec-opt native.cgroupdriver=cgroupfs
    lab_wait 30 docker_lab_answers || lab_fail "no engine: $(tail -n 5 "$LAB_DIR/engine.log")"
}

# The engine ends its containers and itself.
docker_lab_engine_down() {
    lab_in host kill -TERM "$(<"$LAB_DIR/docker.pid")"
    lab_wait 30 docker_lab_engine_gone || lab_fail "the engine does not end"
}

docker_lab_engine_gone() { [[ ! -e $LAB_DIR/docker.pid ]]; }

docker_lab_answers() { docker version >/dev/null 2>&1; }

docker_lab_network_up() {
    docker network create --subnet $LAB_SUBNET --gateway $LAB_GATEWAY \
        --opt com.docker.network.bridge.name=br-stack stack >/dev/null
}

docker_lab_network_down() { docker network rm stack >/dev/null; }

# docker_lab_stack_up [SCRIPT]: the three containers, on the network that is there.
docker_lab_stack_up() {
    docker_lab_startup_script "$@"
    # IPv6 because the configuration has an IPv6 address, and the engine would turn it off; no
    # link-local address for wg0, as in lab_stack_up.
    docker_lab_run wireguard --hostname wireguard --network stack --ip $LAB_STACK \
        --cap-add NET_ADMIN --device /dev/net/tun \
        --sysctl net.ipv4.conf.all.src_valid_mark=1 \
        --sysctl net.ipv6.conf.all.disable_ipv6=0 --sysctl net.ipv6.conf.default.addr_gen_mode=1 \
        --volume "$LAB_DIR/configs/wireguard:/config" \
        --volume "$LAB_DIR/configs/wireguard_startup:/custom-cont-init.d:ro"
    docker_lab_wait_for wireguard
    docker_lab_run qbittorrent --network container:wireguard
    docker_lab_run ntfy --hostname ntfy --network stack --ip $LAB_NTFY
    docker_lab_wait_for qbittorrent ntfy
    LAB_STACK_MAC=$(docker_lab_stack_mac)
}

# docker_lab_run CONTAINER OPTION...
docker_lab_run() {
    docker run --detach --name "$@" $LAB_IMAGE >"$LAB_DIR/run.log" 2>&1 ||
        lab_fail "container $1 did not start: $(tail -n 5 "$LAB_DIR/run.log")"
}

docker_lab_stack_down() {
    docker rm --force --volumes "${LAB_CONTAINERS[@]}" >/dev/null 2>&1 || true
    lab_server_peer
}

# docker_lab_stack_restart [SCRIPT]: new containers on the same bridge.
docker_lab_stack_restart() {
    docker_lab_stack_down
    docker_lab_stack_up "$@"
}

docker_lab_startup_script() {
    rm -f "$LAB_DIR"/configs/wireguard_startup/*
    (($# == 0)) || cp "$LAB_SOURCE/stack/$1" "$LAB_DIR/configs/wireguard_startup/"
}

# docker_lab_wait_for CONTAINER...: until its start-up scripts and wg-quick have said their word.
docker_lab_wait_for() {
    local container
    for container; do
        lab_wait 30 docker_lab_says "$container" 'init: ready' ||
            lab_fail "container $container did not start: $(docker logs "$container" 2>&1 | tail -n 5)"
    done
}

# Given by the engine; by which rule depends on its version.
docker_lab_stack_mac() { docker inspect --format '{{.NetworkSettings.Networks.stack.MacAddress}}' wireguard; }

docker_lab_says() { docker logs "$1" 2>&1 | grep -x "$2" >/dev/null; }

# docker_lab_exec CONTAINER COMMAND...
docker_lab_exec() { docker exec "$@"; }

# docker_lab_compose ARGUMENT...: the same stack as the article runs it. It makes the network itself.
docker_lab_compose() {
    LAB_IMAGE=$LAB_IMAGE LAB_SUBNET=$LAB_SUBNET LAB_GATEWAY=$LAB_GATEWAY LAB_STACK=$LAB_STACK \
        LAB_NTFY=$LAB_NTFY LAB_PINGED=$LAB_PINGED CONFIG_DIR=$LAB_DIR/configs \
        docker-compose --project-name stack --file "$LAB_SOURCE/stack/${LAB_COMPOSE:-docker-compose.yaml}" \
        "$@" >>"$LAB_DIR/compose.log" 2>&1
}

# docker_lab_compose_up [SCRIPT]: the consumer waits for the tunnel's health, which is a ping.
docker_lab_compose_up() {
    docker_lab_startup_script "$@"
    docker_lab_compose up --detach || lab_fail "docker-compose up failed: $(tail -n 5 "$LAB_DIR/compose.log")"
    docker_lab_wait_for "${LAB_CONTAINERS[@]}"
    LAB_STACK_MAC=$(docker_lab_stack_mac)
}

docker_lab_compose_down() {
    docker_lab_compose down --timeout 2 ||
        lab_fail "docker-compose down failed: $(tail -n 5 "$LAB_DIR/compose.log")"
    lab_server_peer
}

# docker_lab_compose_restart [SCRIPT]: the bridge goes away and another of the same name appears.
docker_lab_compose_restart() {
    docker_lab_compose_down
    docker_lab_compose_up "$@"
}

# How scenarios.sh sees the stack (lab.sh).

lab_ready() {
    [[ -z $LAB_DIR ]] || return 0
    docker_lab_up
    docker_lab_network_up
}

lab_reset() {
    docker_lab_stack_down
    rm -f "$LAB_DIR/wg-quick.log" "$LAB_DIR/client.log"
}

stack_in() { docker_lab_exec wireguard "$@"; }
consumer_in() { docker_lab_exec qbittorrent "$@"; }

stack_start() {
    docker_lab_stack_up "$@"
    ! docker_lab_says wireguard 'init: a start-up script failed' || lab_fail "the start-up script failed"
    docker logs wireguard >>"$LAB_DIR/wg-quick.log" 2>&1
    LAB_WG_QUICK=0
    docker_lab_says wireguard 'init: tunnel up' || LAB_WG_QUICK=$?
}

# It is there: the engine's own.
stack_docker_resolver() {
    consumer_in grep -x 'nameserver 127.0.0.11' /etc/resolv.conf >/dev/null || lab_fail "no embedded resolver"
}

# Safe to call twice, and from a trap while any step above is half done.
docker_lab_down() {
    local parent=$LAB_PREFIX
    lab_down
    unset DOCKER_HOST DOCKER_CONFIG
    [[ -z $parent ]] || lab_wait 10 docker_lab_cgroups_gone "$parent" ||
        echo "lab: control groups named $parent stay" >&2
}

# The hierarchies of version 1 are one level down; a group is removed by its own, without rm's files.
docker_lab_cgroups_gone() {
    local group
    for group in /sys/fs/cgroup/"$1" /sys/fs/cgroup/*/"$1"; do
        [[ ! -d $group ]] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
    done
}
