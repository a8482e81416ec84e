# Examples/stack in the lab, as a reader of it runs it; a library for bash, on top of docker.sh.
#
# Two stacks are run alike, and differ in the kill switch only: `mended` has the example's, `article` has the article's,
# and the resolver that Docker takes from its host there, which at home is the router.
# shellcheck shell=bash disable=SC2034

LAB_SUBNET_V6=2001:db8:18::/64
LAB_GATEWAY_V6=2001:db8:18::1
LAB_PINGED_V6=2001:db8:99::11
LAB_RESOLVER_V6=2001:db8:99::53
LAB_CONTAINERS=(leakaudit wireguard speedtest-tracker)
EXAMPLE_PROJECT=
EXAMPLE_FILES=()

consumer_in() { docker_lab_exec speedtest-tracker "$@"; }

# example_up LEAKAUDIT: the engine, an image of the program, and IPv6 to the world, so that a leak of it escapes.
example_up() {
    docker_lab_up
    EXAMPLE_PROJECT=$LAB_DIR/project
    LAB_CONF=$EXAMPLE_PROJECT/wireguard/wg_confs/wg0.conf
    LAB_STACK_CONF=/config/wg_confs/wg0.conf
    example_image "$1"
    local host inet
    host=$(lab_netns host) inet=$(lab_netns inet)
    ip -n "$host" address add 2001:db8:1::10/64 dev eth0 nodad
    ip -n "$inet" address add 2001:db8:1::1/64 dev lan nodad
    ip -n "$inet" address add $LAB_PINGED_V6/128 dev lo
    ip -n "$inet" address add $LAB_RESOLVER_V6/128 dev lo
    ip -n "$host" -6 route add default via 2001:db8:1::1
    ip -n "$inet" -6 route add $LAB_SUBNET_V6 via 2001:db8:1::10
    lab_in host sysctl -qw net.ipv6.conf.all.forwarding=1
    lab_dnsmasq inet resolver6 --listen-address=$LAB_RESOLVER_V6 --address=/example.org/$LAB_WEB
}

# example_image LEAKAUDIT: the example's Dockerfile from its second stage on. The first one needs an image with Swift; what
# it would leave in /out is here the program as it was built, with the runtime libraries that it is not linked with.
example_image() {
    local root=$LAB_DIR/program library
    mkdir -p "$root/out/usr/local/bin" "$LAB_DIR/context"
    cp "$1" "$root/out/usr/local/bin/leakaudit"
    for library in $(ldd "$1" | awk '$3 ~ "/swift/" { print $3 }'); do
        cp --parents --dereference "$library" "$root/out"
    done
    tar -C "$root" -c . | docker import - leakaudit-program >/dev/null
    {
        echo 'ARG RUNTIME_IMAGE'
        echo 'FROM leakaudit-program AS build'
        sed -n '/^FROM ${RUNTIME_IMAGE}/,$p' "$LAB_SOURCE/../../Examples/stack/Dockerfile"
    } >"$LAB_DIR/Dockerfile"
    DOCKER_BUILDKIT=0 docker build --network none --build-arg RUNTIME_IMAGE=$LAB_IMAGE --tag leakaudit \
        --file "$LAB_DIR/Dockerfile" "$LAB_DIR/context" >"$LAB_DIR/build.log" 2>&1 ||
        lab_fail "no image of leakaudit: $(tail -n 5 "$LAB_DIR/build.log")"
}

# example_project mended|article: a copy of the example, filled in as its README says.
example_project() {
    local resolver=$LAB_TUNNEL_RESOLVER
    rm -rf "$EXAMPLE_PROJECT"
    cp -r "$LAB_SOURCE/../../Examples/stack" "$EXAMPLE_PROJECT"
    [[ $1 != article ]] || {
        resolver=$LAB_ROUTER
        rm "$EXAMPLE_PROJECT"/wireguard_startup/*
        cp "$LAB_SOURCE/stack/rfc1918-routes.sh" "$EXAMPLE_PROJECT/wireguard_startup/"
    }
    # Compose takes a variable from the environment before it looks into the file.
    cat "$EXAMPLE_PROJECT/.env.example" - >"$EXAMPLE_PROJECT/.env" <<ENV
WIREGUARD_IMAGE=$LAB_IMAGE
CONSUMER_IMAGE=$LAB_IMAGE
LAB_STACK=$LAB_STACK
LAB_SUBNET=$LAB_SUBNET
LAB_GATEWAY=$LAB_GATEWAY
LAB_SUBNET_V6=$LAB_SUBNET_V6
LAB_GATEWAY_V6=$LAB_GATEWAY_V6
LAB_ROUTER=$LAB_ROUTER
LAB_RESOLVER=$LAB_RESOLVER
LAB_TUNNEL_RESOLVER=$LAB_TUNNEL_RESOLVER
LAB_PINGED=$LAB_PINGED
LAB_PINGED_V6=$LAB_PINGED_V6
HEALTH_ADDRESS=$LAB_PINGED
HEALTH_INTERVAL=1s
AUDIT_FORMAT=ndjson
DOCKER_SOCKET=$LAB_DIR/docker.sock
TUNNEL_DNS=$resolver
ENV
    EXAMPLE_FILES=(--file "$EXAMPLE_PROJECT/docker-compose.yaml" --file "$LAB_SOURCE/stack/example.yaml")
    [[ $1 != article ]] || EXAMPLE_FILES+=(--file "$LAB_SOURCE/stack/article.yaml")
}

# example_conf valid|valid-ipv4|malformed [postup] [predown]: the example's, with keys, and with what a provider adds.
example_conf() {
    local address="Address = $LAB_TUNNEL_V4, $LAB_TUNNEL_V6" allowed='0.0.0.0/0, ::/0' hooks=$LAB_DIR/hooks
    [[ $1 != valid-ipv4 ]] || address="Address = $LAB_TUNNEL_V4" allowed=0.0.0.0/0
    [[ $1 != malformed ]] || address='Address  # the value is missing, and so is the equals sign'
    {
        [[ " $* " != *" postup "* ]] || echo "PostUp = $(scenario_kill_switch -I)"
        [[ " $* " != *" predown "* ]] || echo "PreDown = $(scenario_kill_switch -D)"
    } >"$hooks"
    (umask 027 && sed -e "s|YOUR_PRIVATE_KEY|$(<"$LAB_DIR/client.key")|" -e "s|^Address = .*|$address|" \
        -e "s|YOUR_PROVIDERS_PUBLIC_KEY|$(wg pubkey <"$LAB_DIR/server.key")|" -e "/^FwMark/r $hooks" \
        -e "s|^AllowedIPs = .*|AllowedIPs = $allowed|" \
        "$LAB_CONF.example" >"$LAB_CONF")
    chown 1000:1000 "$LAB_CONF"
}

# A network as the engine makes it by default.
example_without_ipv6() {
    sed '/V6\|enable_ipv6\|disable_ipv6/d' "$LAB_SOURCE/stack/example.yaml" >"$LAB_DIR/example.yaml"
    EXAMPLE_FILES=("${EXAMPLE_FILES[@]/$LAB_SOURCE\/stack\/example.yaml/$LAB_DIR/example.yaml}")
}

example_compose() {
    (cd "$EXAMPLE_PROJECT" && docker-compose --project-name stack "${EXAMPLE_FILES[@]}" "$@") \
        >>"$LAB_DIR/compose.log" 2>&1
}

example_must() { example_compose "$@" || lab_fail "docker-compose $*: $(tail -n 5 "$LAB_DIR/compose.log")"; }

# The audit comes first; what it starts with is the project's network, as yet without a container.
example_watch() {
    example_must up --detach leakaudit
    lab_wait 20 example_watching || lab_fail "no watch: $(docker logs leakaudit 2>&1 | tail -n 5)"
}

example_watching() { docker logs leakaudit 2>&1 | grep 'watching ' >/dev/null; }

# example_stack_up: the consumer waits for the tunnel's health. Where the tunnel was refused it is started nevertheless,
# as the engine does when the machine starts.
example_stack_up() {
    example_must up --detach wireguard
    docker_lab_wait_for wireguard
    if docker_lab_says wireguard 'init: tunnel up'; then
        example_must up --detach
    else
        example_must up --detach --no-deps speedtest-tracker
    fi
    docker_lab_wait_for speedtest-tracker
    LAB_STACK_MAC=$(docker_lab_stack_mac)
    example_serve
}

# The consumer's page, which says nothing about the tunnel.
example_serve() {
    docker exec --detach speedtest-tracker bash -c \
        'while :; do printf "HTTP/1.0 200 OK\r\n\r\nthe page\n" | nc -4 -N -l 80 >/dev/null; done'
    lab_wait 10 example_page consumer_in 127.0.0.1:80 || lab_fail "no page"
}

# example_page COMMAND... ADDRESS
example_page() {
    "${@:1:$#-1}" curl -sf --noproxy '*' --max-time 3 "http://${*: -1}/" 2>/dev/null | grep -qx 'the page'
}

example_down() {
    example_must down --timeout 2 --volumes
    lab_server_peer
}
