# What the stack does in each scenario, and what must be on the wire then; a library for bash,
# on top of lab.sh or docker.sh. A capture begins before `scenario_run`.
# shellcheck shell=bash disable=SC2034

LAB_SCENARIOS=(healthy down-with-predown down-without-predown malformed-postup
    malformed-startup-script rfc1918-accept docker-resolver)

# scenario_expected NAME: tunnel packets (some or none), leaked DNS queries, leaked echo requests.
scenario_expected() {
    case $1 in
    healthy | down-without-predown) echo some 0 0 ;;
    down-with-predown) echo some 1 2 ;;
    malformed-postup) echo none 1 2 ;;
    malformed-startup-script) echo none 0 0 ;;
    rfc1918-accept) echo some 2 0 ;;
    docker-resolver) echo none 1 0 ;;
    *) return 1 ;;
    esac
}

scenario_kill_switch() {
    local verb=$1 rule
    rule="$verb OUTPUT ! -o %i -m mark ! --mark \$(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT"
    echo "iptables $rule && ip6tables $rule"
}

# scenario_conf ADDRESS [postup] [predown]: wg0.conf as a VPN provider generates it.
scenario_conf() {
    local address=$1
    shift
    echo "[Interface]"
    echo "PrivateKey = $(<"$LAB_DIR/client.key")"
    case $address in
    valid) echo "Address = $LAB_TUNNEL_V4,$LAB_TUNNEL_V6" ;;
    malformed) echo "Address  # the value is missing, and so is the equals sign" ;;
    esac
    echo "DNS = $LAB_TUNNEL_RESOLVER"
    [[ " $* " != *" postup "* ]] || echo "PostUp = $(scenario_kill_switch -I)"
    [[ " $* " != *" predown "* ]] || echo "PreDown = $(scenario_kill_switch -D)"
    echo
    echo "[Peer]"
    echo "PublicKey = $(wg pubkey <"$LAB_DIR/server.key")"
    echo "AllowedIPs = 0.0.0.0/0,::0/0"
    echo "Endpoint = $LAB_ENDPOINT:$LAB_PORT"
}

# The configuration as the stack used it, without the one line that must stay with it.
scenario_redacted_conf() { sed 's/^PrivateKey = .*/PrivateKey = REDACTED/' "$LAB_CONF"; }

scenario_write_conf() { (umask 077 && scenario_conf "$@" >"$LAB_CONF"); }

# stack_up [SCRIPT]
stack_up() {
    stack_start "$@"
    [[ $LAB_WG_QUICK == 0 ]] || {
        cat "$LAB_DIR/wg-quick.log" >&2
        lab_fail "wg-quick up failed"
    }
}

# stack_up_refused [SCRIPT]: the container goes on, whatever wg-quick says.
stack_up_refused() {
    stack_start "$@"
    [[ $LAB_WG_QUICK != 0 ]] || lab_fail "wg-quick took the malformed configuration"
    grep -q 'inet prefix is expected' "$LAB_DIR/wg-quick.log" || {
        cat "$LAB_DIR/wg-quick.log" >&2
        lab_fail "wg-quick failed for another reason"
    }
}

stack_down() {
    stack_in wg-quick down "$LAB_STACK_CONF" >>"$LAB_DIR/wg-quick.log" 2>&1 || {
        cat "$LAB_DIR/wg-quick.log" >&2
        lab_fail "wg-quick down failed"
    }
}

# One question, one packet: no second try, no AAAA beside the A. That no answer comes is a result.
stack_query() {
    local name=$1
    shift
    consumer_in dig +tries=1 +time=1 "$name" A "$@" >>"$LAB_DIR/client.log" 2>&1 || true
}

stack_ping() { consumer_in ping -n -c 2 -i 0.2 -W 1 "$LAB_PINGED" >>"$LAB_DIR/client.log" 2>&1; }

# What a client and the healthcheck do, all of which must work through the tunnel. The ping comes
# last: an echo reply is received data that nothing answers, which makes a keepalive due.
stack_use_tunnel() {
    lab_answers "$LAB_TUNNEL_RESOLVER" consumer_in || lab_fail "no DNS through the tunnel"
    consumer_in curl -qsf --noproxy '*' --max-time 5 http://am.i.mullvad.example/connected |
        grep -qx 'You are connected' || lab_fail "no TCP through the tunnel"
    stack_ping || lab_fail "no ping through the tunnel"
}

# stack_use_without_tunnel open|blocked: what they do when they do not know that the tunnel is
# gone. That an attempt was made and refused shows in no capture, so it is asserted here.
stack_use_without_tunnel() {
    stack_query am.i.mullvad.example
    stack_ping_without_tunnel "$1"
}

stack_ping_without_tunnel() {
    : >"$LAB_DIR/client.log"
    case $1 in
    open) stack_ping || lab_fail "the kill switch holds, and should not" ;;
    blocked)
        ! stack_ping || lab_fail "the kill switch does not hold"
        grep -q 'Destination Port Unreachable' "$LAB_DIR/client.log" || lab_fail "no REJECT"
        ;;
    esac
}

# A keepalive is a transport message without content (32 bytes of UDP payload), due 10 s after
# received data that nothing was sent in reply to.
scenario_keepalive_seen() {
    local bridge=$1
    [[ -n $(tcpdump -n -r "$bridge" "ether src $LAB_STACK_MAC and dst host $LAB_ENDPOINT and \
        udp dst port $LAB_PORT and udp[4:2] = 40" 2>/dev/null) ]]
}

# scenario_run NAME BRIDGE-CAPTURE: a capture on the bridge is being written to that file.
scenario_run() {
    case $1 in
    healthy)
        scenario_write_conf valid postup predown
        stack_up
        stack_use_tunnel
        lab_wait 20 scenario_keepalive_seen "$2" || lab_fail "no keepalive"
        ;;
    down-with-predown)
        scenario_write_conf valid postup predown
        stack_up
        stack_use_tunnel
        stack_down
        stack_use_without_tunnel open
        ;;
    down-without-predown)
        scenario_write_conf valid postup
        stack_up
        stack_use_tunnel
        stack_down
        stack_use_without_tunnel blocked
        ;;
    malformed-postup)
        scenario_write_conf malformed postup
        stack_up_refused
        stack_use_without_tunnel open
        ;;
    malformed-startup-script)
        scenario_write_conf malformed
        stack_up_refused reject-first.sh
        stack_use_without_tunnel blocked
        ;;
    rfc1918-accept)
        scenario_write_conf valid
        stack_up reject-but-rfc1918.sh
        stack_use_tunnel
        stack_down
        stack_query example.org "@$LAB_TUNNEL_RESOLVER"
        stack_query am.i.mullvad.example "@$LAB_ROUTER"
        stack_ping_without_tunnel blocked
        ;;
    docker-resolver)
        scenario_write_conf malformed postup
        stack_up_refused
        stack_docker_resolver
        stack_query am.i.mullvad.example
        ;;
    *) lab_fail "no scenario named $1" ;;
    esac
}
