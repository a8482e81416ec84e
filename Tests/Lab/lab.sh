# The audited stack as network namespaces of this machine; a library for bash. docker.sh, on top of
# it, puts the container engine in the place of `stack`.
#
#   stack (172.18.0.2) --br-stack-- host (192.168.1.10) --eth0-- inet (192.168.1.1)
#
# `stack` is the container that holds the tunnel, `host` the machine that runs containers and
# masquerades them, `inet` everything beyond its NIC: router, VPN server, resolver, web server.
# `host` has no other uplink, so nothing can leave the lab. Every address is from a range for
# documentation or private use.
#
# Use: source it, `lab_require`, `trap lab_down EXIT`, `lab_up`, `lab_stack_up`, `lab_in ROLE ...`.
# Variables in capitals are read by users of the library too.
# shellcheck shell=bash disable=SC2034

LAB_ENDPOINT=203.0.113.178
LAB_PORT=51820
LAB_WEB=198.51.100.80
LAB_PINGED=198.51.100.11
LAB_RESOLVER=198.51.100.53
LAB_ROUTER=192.168.1.1
LAB_HOST=192.168.1.10
LAB_SUBNET=172.18.0.0/16
LAB_GATEWAY=172.18.0.1
LAB_STACK=172.18.0.2
LAB_TUNNEL_RESOLVER=10.64.0.1
LAB_TUNNEL_V4=10.64.114.74/32
LAB_TUNNEL_V6=fc00:bbbb:bbbb:bb01::1:7249/128
LAB_NIC_MAC=02:00:c0:a8:01:0a
LAB_ROUTER_MAC=02:00:c0:a8:01:01
LAB_BRIDGE_MAC=02:42:ac:12:00:01
LAB_VETH_MAC=02:42:ac:12:ff:02
LAB_STACK_MAC=02:42:ac:12:00:02
LAB_ROLES=(inet host stack)

LAB_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_DIR=
LAB_PREFIX=
LAB_PIDS=()
LAB_CONF=       # wg0.conf as this machine names it
LAB_STACK_CONF= # and as the stack does
declare -A LAB_INIT=()
# shellcheck source=Tests/Lab/server.sh
source "$LAB_SOURCE/server.sh"
# shellcheck source=Tests/Lab/capture.sh
source "$LAB_SOURCE/capture.sh"

# lab_require [TOOL...]: exit status 77 is what test runners take as "skipped".
lab_require() {
    local tool missing=()
    [[ $(id -u) == 0 ]] || missing+=(root)
    for tool in ip nsenter unshare mount sysctl iptables ip6tables wireguard-go wg wg-quick \
        dnsmasq tcpdump ping dig curl python3 "$@"; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [[ -c /dev/net/tun ]] || missing+=(/dev/net/tun)
    [[ -e /etc/resolv.conf ]] || missing+=(/etc/resolv.conf)
    ((${#missing[@]})) || unshare --net --mount --pid --fork true 2>/dev/null ||
        missing+=("permission to make namespaces")
    ((${#missing[@]} == 0)) || {
        local IFS=,
        echo "lab: skipped, missing: ${missing[*]}" >&2
        exit 77
    }
}

lab_fail() {
    echo "lab: $*" >&2
    exit 1
}

# lab_wait SECONDS COMMAND...: until the command succeeds.
lab_wait() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

lab_gone() { [[ ! -e /proc/$1 ]]; }

lab_netns() { echo "$LAB_PREFIX-$1"; }

# lab_namespace ROLE: a network namespace, and in it the first process of a pid namespace with
# mounts of its own. WireGuard's control sockets live below /run and wg-quick rewrites
# /etc/resolv.conf: both are private to the role. Ending the first process ends all the others.
lab_namespace() {
    local role=$1
    ip netns add "$(lab_netns "$role")"
    echo "nameserver $LAB_RESOLVER" >"$LAB_DIR/$role.resolv.conf"
    # shellcheck disable=SC2016
    nsenter --net="/run/netns/$(lab_netns "$role")" \
        unshare --mount --pid --fork --kill-child bash -euc '
            read -r pid _ </proc/self/stat # as the outside numbers it: /proc is still the outer one
            mount -t proc proc /proc
            mount -t tmpfs tmpfs /run
            resolv=$(readlink -m /etc/resolv.conf) # a symbolic link into /run on some systems
            mkdir -p "${resolv%/*}"
            [[ -e $resolv ]] || : >"$resolv"
            mount --bind "$1.resolv.conf" "$resolv"
            ip link set lo up
            echo "$pid" >"$1.pid"
            # The shell stays: as the first process it has to reap what others leave.
            sleep infinity & wait' init "$LAB_DIR/$role" 2>"$LAB_DIR/$role.log" &
    LAB_PIDS+=($!)
    lab_wait 10 test -s "$LAB_DIR/$role.pid" ||
        lab_fail "namespace $role did not start: $(<"$LAB_DIR/$role.log")"
    LAB_INIT[$role]=$(<"$LAB_DIR/$role.pid")
}

# lab_in ROLE COMMAND...
lab_in() {
    local role=$1
    shift
    PATH="$LAB_DIR/bin:$PATH" nsenter -t "${LAB_INIT[$role]}" --mount --pid --net -- "$@"
}

# lab_daemon ROLE LOG COMMAND...: it ends with its namespace.
lab_daemon() {
    local role=$1 log=$LAB_DIR/$2.log
    shift 2
    lab_in "$role" "$@" </dev/null >"$log" 2>&1 &
    LAB_PIDS+=($!)
}

# Everything but the stack, so that a capture can begin before the stack starts.
lab_up() {
    lab_hosts
    lab_bridge
    lab_server
}

# The machine that runs containers and the rest of the world, as yet without a bridge or a server.
lab_hosts() {
    LAB_DIR=$(mktemp -d)
    LAB_PREFIX=leakaudit-${LAB_DIR##*.}
    LAB_CONF=$LAB_DIR/configs/wireguard/wg0.conf
    LAB_STACK_CONF=$LAB_CONF
    mkdir -p "$LAB_DIR/bin" "$LAB_DIR/www" "$LAB_DIR/configs/wireguard"
    # wg-quick puts its own folder first on PATH: beside a copy of it, this resolvconf is the
    # one that it finds, whether the machine has one or not.
    cp "$(command -v wg-quick)" "$LAB_SOURCE/stack/resolvconf" "$LAB_DIR/bin/"
    (umask 077 && wg genkey >"$LAB_DIR/server.key" && wg genkey >"$LAB_DIR/client.key")
    lab_namespace inet
    lab_namespace host
    local host inet
    host=$(lab_netns host) inet=$(lab_netns inet)

    ip -n "$host" link add eth0 address $LAB_NIC_MAC type veth \
        peer name lan address $LAB_ROUTER_MAC netns "$inet"
    ip -n "$host" address add $LAB_HOST/24 dev eth0
    ip -n "$inet" address add $LAB_ROUTER/24 dev lan
    local address
    for address in $LAB_ENDPOINT $LAB_RESOLVER $LAB_WEB $LAB_PINGED; do
        ip -n "$inet" address add "$address/32" dev lo
    done
    ip -n "$host" link set eth0 up
    ip -n "$inet" link set lan up
    ip -n "$host" route add default via $LAB_ROUTER
}

# What the engine does for a network of its own.
lab_bridge() {
    local host
    host=$(lab_netns host)
    ip -n "$host" link add br-stack address $LAB_BRIDGE_MAC type bridge
    ip -n "$host" address add $LAB_GATEWAY/16 dev br-stack
    ip -n "$host" link set br-stack up
    lab_in host sysctl -qw net.ipv4.ip_forward=1
    lab_in host iptables -t nat -A POSTROUTING -s $LAB_SUBNET ! -o br-stack -j MASQUERADE
}

# What follows is how scenarios.sh sees a stack of this size; docker.sh has its own of each.

# Ready for a capture: everything but the stack. lab_reset afterwards leaves nothing of the stack.
lab_ready() { lab_up; }
lab_reset() { lab_down; }

# Where the tunnel is, and where the consumer of the tunnel is.
stack_in() { lab_in stack "$@"; }
consumer_in() { lab_in stack "$@"; }

# stack_start [SCRIPT]: the container starts, with or without a start-up script from stack/, and then
# wg-quick. Its exit status is in LAB_WG_QUICK.
stack_start() {
    lab_stack_up
    (($# == 0)) || stack_in bash "$LAB_SOURCE/stack/$1"
    LAB_WG_QUICK=0
    stack_in wg-quick up "$LAB_STACK_CONF" >>"$LAB_DIR/wg-quick.log" 2>&1 || LAB_WG_QUICK=$?
}

# The container's interface joins the bridge.
lab_stack_up() {
    lab_namespace stack
    local host stack
    host=$(lab_netns host) stack=$(lab_netns stack)
    ip -n "$host" link add veth-stack address $LAB_VETH_MAC type veth \
        peer name eth0 address $LAB_STACK_MAC netns "$stack"
    ip -n "$host" link set veth-stack master br-stack up
    ip -n "$stack" address add $LAB_STACK/16 dev eth0
    ip -n "$stack" link set eth0 up
    ip -n "$stack" route add default via $LAB_GATEWAY
    # For wg0, which comes next: the kernel's WireGuard gives it no link-local address, and so no
    # router solicitations inside the tunnel; the device of wireguard-go would.
    lab_in stack sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
}

# Docker's embedded resolver: it listens on 127.0.0.11 inside the container's namespace and
# forwards from there, under the container's address. Docker is not in a lab of this size; a
# dnsmasq in the same place puts the same packets on the wire.
stack_docker_resolver() {
    lab_dnsmasq stack docker-resolver --listen-address=127.0.0.11 --server=$LAB_RESOLVER
    echo "nameserver 127.0.0.11" >"$LAB_DIR/stack.resolv.conf"
    # Not a query: that would be a packet of the scenario's.
    lab_wait 10 grep -qs started "$LAB_DIR/docker-resolver.log" || lab_fail "no forwarder"
}

# Without those that have ended: an id may be another process's by now.
lab_still_running() {
    local pid running=()
    jobs -pr >"$LAB_DIR/running"
    for pid in "${LAB_PIDS[@]}"; do
        ! grep -qx "$pid" "$LAB_DIR/running" || running+=("$pid")
    done
    LAB_PIDS=("${running[@]}")
}

# Safe to call twice, and from a trap while any step above is half done.
lab_down() {
    local role pid
    [[ -n $LAB_DIR ]] || return 0
    for role in "${LAB_ROLES[@]}"; do
        [[ ! -s $LAB_DIR/$role.pid ]] || kill -KILL "$(<"$LAB_DIR/$role.pid")" 2>/dev/null || true
    done
    # The first process ends when the last of its namespace has, so nothing writes below LAB_DIR then.
    for role in "${LAB_ROLES[@]}"; do
        [[ ! -s $LAB_DIR/$role.pid ]] || lab_wait 10 lab_gone "$(<"$LAB_DIR/$role.pid")" ||
            echo "lab: namespace $role does not end" >&2
    done
    lab_still_running
    for pid in "${LAB_PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for role in "${LAB_ROLES[@]}"; do
        [[ ! -e /run/netns/$LAB_PREFIX-$role ]] || ip netns delete "$LAB_PREFIX-$role"
    done
    rm -rf "$LAB_DIR"
    LAB_DIR='' LAB_PREFIX='' LAB_CONF='' LAB_STACK_CONF='' LAB_PIDS=() LAB_CAPTURES=() LAB_INIT=()
}
