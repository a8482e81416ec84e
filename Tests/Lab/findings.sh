# A stack as its user's folder describes it, in the lab; a library for bash, on top of lab.sh.
#
# Of compose.yaml only what matters to a network namespace is applied: sysctls, the consumer's capabilities and whose
# network it is in, resolvers, IPv6, and the health check. The rest is as the image does it (linuxserver's
# init-custom-files and svc-wireguard): start-up scripts by bash, whatever they say; then wg-quick for each
# configuration; and when it refuses one, the others are stopped and the default route of IPv4 is taken away.
# shellcheck shell=bash disable=SC2034,SC2154

LAB_CONSUMER=172.18.0.3
LAB_CONSUMER_MAC=02:42:ac:12:00:03
LAB_ROLES+=(consumer)
# For documentation (RFC 3849). The host has no route to PINGED6: outside the tunnel it gets as far as the
# bridge, and the far end of the tunnel has it.
LAB_GATEWAY6=2001:db8:18::1
LAB_STACK6=2001:db8:18::2
LAB_PINGED6=2001:db8:99::1
FINDING_RESOLVER_PORT=40053
FINDING_RESOLVER=
FINDING_FILES= # the user's folder, as the stack has it
FINDING_WG_QUICK=
# shellcheck source=Tests/Lab/attempts.sh
source "$LAB_SOURCE/attempts.sh"

# compose_values PATH: keys with dots between them; an item of a list is a value of its key.
compose_values() {
    awk -v wanted="$1" '
        /^ *(#|$)/ { next }
        {
            match($0, /^ */); depth = RLENGTH; line = substr($0, depth + 1); sub(/ +#.*/, "", line)
            while (top > 0 && indent[top] >= depth) top--
            path = ""
            for (i = 1; i <= top; i++) path = path key[i] "."
            if (line ~ /^- /) { if (path == wanted ".") print substr(line, 3); next }
            name = line; sub(/:.*/, "", name)
            value = line; sub(/^[^:]*: */, "", value)
            top++; indent[top] = depth; key[top] = name
            if (path name == wanted && value != "") print value
        }' "$FINDING_FILES/compose.yaml"
}

# compose_has PATH VALUE
compose_has() { compose_values "$1" | grep -qxF -- "$2"; }

# finding_files FOLDER: the stack's own copy, with the lab's keys in the place of those that stand for them.
finding_files() {
    FINDING_FILES=$LAB_DIR/stack-files
    rm -rf "$FINDING_FILES"
    cp -r "$1" "$FINDING_FILES"
    local private public
    private=$(<"$LAB_DIR/client.key") public=$(wg pubkey <"$LAB_DIR/server.key")
    sed -i "s|^PrivateKey = .*|PrivateKey = $private|; s|^PublicKey = .*|PublicKey = $public|" \
        "$FINDING_FILES"/config/wg_confs/*.conf
    chmod 600 "$FINDING_FILES"/config/wg_confs/*.conf
}

# Where the gateway's scripts and its tunnel are.
stack_in() {
    local role=stack
    ! compose_has services.wireguard.network_mode host || role=host
    lab_in $role "$@"
}

# The container is there, and nothing has run in it yet.
stack_create() {
    lab_stack_up
    local value enabled=
    compose_has networks.default.enable_ipv6 true && enabled=1
    # As the engine does for a network without IPv6.
    [[ -n $enabled ]] || lab_in stack sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    lab_in stack sysctl -qw 'net.ipv4.ping_group_range=0 2147483647'
    while read -r value; do
        lab_in stack sysctl -qw "$value"
    done < <(compose_values services.wireguard.sysctls)
    if [[ -n $enabled ]]; then
        ip -n "$(lab_netns stack)" address add $LAB_STACK6/64 dev eth0 nodad
        ip -n "$(lab_netns stack)" route add default via $LAB_GATEWAY6
    fi
    lab_in stack mount --bind -o ro /proc/sys /proc/sys
    # The engine's own, for its resolver at 127.0.0.11. They are also why flows are tracked from the first on.
    lab_in stack iptables -t nat -A OUTPUT -d 127.0.0.11 -p udp --dport 53 \
        -j DNAT --to-destination 127.0.0.11:$FINDING_RESOLVER_PORT
    lab_in stack iptables -t nat -A POSTROUTING -s 127.0.0.11 -p udp --sport $FINDING_RESOLVER_PORT \
        -j SNAT --to-source :53
    stack_resolver
    compose_has services.qbittorrent.network_mode service:wireguard || finding_consumer
}

# The consumer in a network of its own, beside the stack.
finding_consumer() {
    lab_namespace consumer
    ip -n "$(lab_netns host)" link add veth-consumer type veth \
        peer name eth0 address $LAB_CONSUMER_MAC netns "$(lab_netns consumer)"
    ip -n "$(lab_netns host)" link set veth-consumer master br-stack up
    lab_in consumer sysctl -qw net.ipv6.conf.all.disable_ipv6=1 'net.ipv4.ping_group_range=0 2147483647'
    ip -n "$(lab_netns consumer)" address add $LAB_CONSUMER/16 dev eth0
    ip -n "$(lab_netns consumer)" link set eth0 up
    ip -n "$(lab_netns consumer)" route add default via $LAB_GATEWAY
}

# lab_role_down ROLE: the namespace and all that runs in it, with its interface on the bridge.
lab_role_down() {
    local role=$1 pid
    pid=$(<"$LAB_DIR/$role.pid")
    kill -KILL "$pid"
    lab_wait 10 lab_gone "$pid" || lab_fail "namespace $role does not end"
    # With the namespace the pair would go too, but some time later.
    ip -n "$(lab_netns host)" link delete "veth-$role"
    ip netns delete "$(lab_netns "$role")"
    rm -f "$LAB_DIR/$role".*
    unset "LAB_INIT[$role]"
}

# The next stack meets a server that knows nothing of this one.
lab_stack_down() {
    lab_role_down stack
    lab_server_peer
}

finding_down() {
    stack_resolver_down
    [[ -z ${LAB_INIT[consumer]:-} ]] || lab_role_down consumer
    lab_stack_down
}

stack_scripts() {
    local script
    for script in "$FINDING_FILES"/startup/*; do
        [[ -f $script ]] || continue
        stack_in bash "$script" >>"$LAB_DIR/startup.log" 2>&1 ||
            echo "prove: ${script##*/} ended with status $?" >>"$LAB_DIR/startup.log"
    done
}

stack_tunnel() {
    local conf failed='' started=()
    FINDING_WG_QUICK=0
    for conf in "$FINDING_FILES"/config/wg_confs/*.conf; do
        stack_in wg-quick up "$conf" >>"$LAB_DIR/wg-quick.log" 2>&1 || {
            FINDING_WG_QUICK=$?
            failed=1
            break
        }
        started=("$conf" "${started[@]}")
    done
    [[ -n $failed ]] || return 0
    for conf in "${started[@]}"; do
        stack_in wg-quick down "$conf" >>"$LAB_DIR/wg-quick.log" 2>&1 || true
    done
    stack_in ip route del default || true
}

stack_started() {
    stack_create
    stack_scripts
    stack_tunnel
}

# Without it, it would not be the case that was meant.
stack_must_be_up() { [[ $FINDING_WG_QUICK == 0 ]] || finding_fail "wg-quick refused the configuration"; }
stack_must_be_refused() { [[ $FINDING_WG_QUICK != 0 ]] || finding_fail "wg-quick took the configuration"; }

stack_tunnel_down() {
    local conf
    for conf in "$FINDING_FILES"/config/wg_confs/*.conf; do
        stack_in wg-quick down "$conf" >>"$LAB_DIR/wg-quick.log" 2>&1 || finding_fail "wg-quick down failed"
    done
}

# The stack's health check, as the engine runs it: in the container that holds the tunnel.
finding_healthcheck() {
    stack_in bash -c "$(compose_values services.wireguard.healthcheck.test)" >>"$LAB_DIR/client.log" 2>&1
}

finding_fail() {
    tail -n 20 "$LAB_DIR/startup.log" "$LAB_DIR/wg-quick.log" >&2 2>/dev/null || true
    lab_fail "$finding, $version: $*"
}

# Docker's embedded resolver: it listens in the container's namespace, and asks the resolvers that compose.yaml names
# from there too. Where it names none it asks the machine's, and where that one has a loopback address, as with
# systemd-resolved, from the machine's namespace: no kill switch of the container's is about that. This is the
# machine that the lab has. (Seen so with an engine of version 20.10, with 127.0.0.1 and 127.0.0.53.)
stack_resolver() {
    local upstream namespace=
    upstream=$(compose_values services.wireguard.dns)
    [[ -n $upstream ]] || upstream=$LAB_RESOLVER namespace=/run/netns/$(lab_netns host)
    rm -f "$LAB_DIR"/resolver.{ready,log}
    nsenter --net="/run/netns/$(lab_netns stack)" python3 -u - "$LAB_DIR/resolver.ready" $FINDING_RESOLVER_PORT \
        "$upstream" "$namespace" >>"$LAB_DIR/resolver.log" 2>&1 <<'PYTHON' &
import ctypes, socket, sys
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.11", int(sys.argv[2])))
if sys.argv[4]:
    with open(sys.argv[4]) as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
            sys.exit("no way into " + sys.argv[4])
open(sys.argv[1], "w").close()
while True:
    question, asker = listener.recvfrom(4096)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
        upstream.settimeout(1)
        try:
            upstream.connect((sys.argv[3], 53))
            upstream.send(question)
            answer = upstream.recv(4096)
        except OSError as error:
            print(error)
            answer = question[:2] + bytes.fromhex("8182") + question[4:]  # SERVFAIL
    listener.sendto(answer, asker)
PYTHON
    FINDING_RESOLVER=$!
    LAB_PIDS+=("$FINDING_RESOLVER")
    echo "nameserver 127.0.0.11" >"$LAB_DIR/stack.resolv.conf"
    lab_wait 10 test -e "$LAB_DIR/resolver.ready" || finding_fail "no resolver: $(<"$LAB_DIR/resolver.log")"
}

# It has the namespace open, and is not one of its processes.
stack_resolver_down() {
    kill -KILL "$FINDING_RESOLVER" 2>/dev/null || true
    wait "$FINDING_RESOLVER" 2>/dev/null || true
}
