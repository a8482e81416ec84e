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
LAB_SUBNET6=2001:db8:18::/64
LAB_GATEWAY6=2001:db8:18::1
LAB_STACK6=2001:db8:18::2
LAB_PINGED6=2001:db8:99::1
FINDING_RESOLVER_PORT=40053
FINDING_RESOLVER=
FINDING_FLOW=
FINDING_FILES= # the user's folder, as the stack has it
FINDING_WG_QUICK=

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

finding_fail() {
    tail -n 20 "$LAB_DIR/startup.log" "$LAB_DIR/wg-quick.log" >&2 2>/dev/null || true
    lab_fail "$finding, $version: $*"
}

# The consumer's process is root, as it is in most images, and has the engine's capabilities. Of those that matter
# here, NET_RAW is one unless compose.yaml drops it, and NET_ADMIN is none unless it is added.
consumer_in() {
    local role=stack without=
    compose_has services.qbittorrent.network_mode service:wireguard || role=consumer
    compose_has services.qbittorrent.cap_add NET_ADMIN || without+=,-net_admin
    ! compose_has services.qbittorrent.cap_drop NET_RAW || without+=,-net_raw
    [[ -z $without ]] || set -- setpriv --bounding-set="${without#,}" "$@"
    lab_in $role "$@"
}

# Every attempt leaves a line: what became of it, and what it was. Without an attempt that the kill switch
# refused, or the tunnel carried, no leak would mean nothing.
finding_attempt() {
    local text=$1 status=$2 log=$3 outcome
    if ((status == 0)); then
        outcome=answered
    elif grep -qiE 'port unreachable|not permitted|connection refused|permission denied' "$log"; then
        outcome=refused
    elif grep -qiE 'network is unreachable|network unreachable' "$log"; then
        outcome=unroutable
    else
        outcome=unanswered
    fi
    echo "$outcome ${text%%$'\n'*}" >>"$LAB_DIR/attempts"
    cat "$log" >>"$LAB_DIR/client.log"
}

# attempt COMMAND...: by the consumer.
attempt() {
    local status=0 log=$LAB_DIR/attempt.log
    consumer_in "$@" >"$log" 2>&1 || status=$?
    finding_attempt "$*" $status "$log"
}

attempt_ping() { attempt ping -n -c 2 -i 0.2 -W 1 "${@:-$LAB_PINGED}"; }

# attempt_query [@RESOLVER]: one question, one packet. What the engine's resolver met with counts as dig's own.
attempt_query() {
    local log=$LAB_DIR/attempt.log status=0
    : >"$LAB_DIR/resolver.log"
    consumer_in dig +tries=1 +time=2 +short secret.example A "$@" >"$log" 2>&1 || status=$?
    ((status != 0)) || grep -q '^[0-9]' "$log" || status=1
    cat "$LAB_DIR/resolver.log" >>"$log"
    finding_attempt "query $*" $status "$log"
}

# A flow of the consumer's: a query before, and another on the same socket when it is asked to go on. The
# second one is longer, by which they can be told apart.
attempt_begun() {
    consumer_in python3 - $LAB_RESOLVER "$LAB_DIR/flow" >"$LAB_DIR/flow.log" 2>&1 <<'PYTHON' &
import os, socket, sys, time
def query(name):
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    return bytes.fromhex("2a2a01000001000000000000") + labels + bytes.fromhex("0000010001")
flow = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flow.settimeout(1)
flow.sendto(query(b"a.example"), (sys.argv[1], 53))
flow.recv(512)
open(sys.argv[2] + ".begun", "w").close()
while not os.path.exists(sys.argv[2] + ".on"):
    time.sleep(0.02)
flow.sendto(query(b"goes-on-after-the-kill-switch-is-there.example"), (sys.argv[1], 53))
flow.recv(512)
PYTHON
    FINDING_FLOW=$!
    lab_wait 5 test -e "$LAB_DIR/flow.begun" || finding_fail "no flow: $(<"$LAB_DIR/flow.log")"
}

attempt_continued() {
    local status=0
    : >"$LAB_DIR/flow.on"
    wait "$FINDING_FLOW" || status=$?
    finding_attempt "flow from before" $status "$LAB_DIR/flow.log"
    rm -f "$LAB_DIR/flow".*
}

# The stack's health check, as the engine runs it: in the container that holds the tunnel.
finding_healthcheck() {
    stack_in bash -c "$(compose_values services.wireguard.healthcheck.test)" >>"$LAB_DIR/client.log" 2>&1
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
