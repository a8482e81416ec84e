# What the internet of the lab answers: WireGuard, DNS and HTTP; a part of lab.sh.
# shellcheck shell=bash

lab_dnsmasq() {
    local role=$1 log=$2
    shift 2
    lab_daemon "$role" "$log" dnsmasq --keep-in-foreground --log-facility=- --user=root --pid-file= \
        --conf-file=/dev/null --no-hosts --no-resolv --bind-interfaces "$@"
}

lab_server() {
    local inet
    inet=$(lab_netns inet)
    lab_daemon inet server wireguard-go --foreground wg0
    lab_wait 10 lab_in inet wg show wg0 >/dev/null 2>&1 || lab_fail "no WireGuard server"
    lab_in inet wg set wg0 listen-port $LAB_PORT private-key "$LAB_DIR/server.key"
    lab_server_peer
    ip -n "$inet" address add $LAB_TUNNEL_RESOLVER/32 dev wg0
    ip -n "$inet" link set wg0 mtu 1420 up
    ip -n "$inet" route add $LAB_TUNNEL_V4 dev wg0
    ip -n "$inet" route add $LAB_TUNNEL_V6 dev wg0
    # One namespace plays router and VPN server: a home router has no 10.64.0.1 to answer for.
    lab_in inet iptables -A INPUT -i lan -d 10.0.0.0/8 -j DROP
    lab_dnsmasq inet resolver --listen-address=$LAB_TUNNEL_RESOLVER,$LAB_RESOLVER,$LAB_ROUTER \
        --address=/example/$LAB_WEB --address=/example.org/$LAB_WEB --address=/vpn.example/$LAB_ENDPOINT
    echo 'You are connected' >"$LAB_DIR/www/connected"
    lab_daemon inet web python3 -m http.server --bind $LAB_WEB --directory "$LAB_DIR/www" 80
    lab_wait 10 lab_answers $LAB_RESOLVER lab_in inet || lab_fail "no resolver"
    lab_wait 10 lab_in inet curl -qsfo /dev/null --noproxy '*' http://$LAB_WEB/connected ||
        lab_fail "no web server"
}

# The server knows its client and no session with it. A server that remembers one from before would
# go on with handshakes to a client that is gone, and their last port may be another's by now.
lab_server_peer() {
    local peer
    peer=$(wg pubkey <"$LAB_DIR/client.key")
    lab_in inet wg set wg0 peer "$peer" remove
    lab_in inet wg set wg0 peer "$peer" allowed-ips "$LAB_TUNNEL_V4,$LAB_TUNNEL_V6"
}

# lab_answers RESOLVER COMMAND...: COMMAND runs dig where the question is to be asked.
lab_answers() {
    local resolver=$1
    shift
    "$@" dig +tries=1 +time=1 +short example.org A @"$resolver" | grep -q '^[0-9]'
}
