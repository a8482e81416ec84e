# Load for an auditor: tunnel packets with one leak in ten thousand, as fast as trafgen (netsniff-ng)
# can or at a given rate; a library for bash, on top of lab.sh.
#
# Use: after `lab_hosts` or anything that includes it, `lab_load_require`, `lab_load_up`, watch the
# device `load` in `host`, and then `lab_load PACKETS [RATE]` or `lab_load_for SECONDS [RATE]`, RATE in
# packets a second: trafgen sends those of a second in one burst, and then waits. Each prints a line:
#
#   packets=1000000 leaks=100 seconds=1.314 rate=761035
#
# Nothing of it is forwarded: the frames are for no address of `host`.
# shellcheck shell=bash

LAB_LOAD_CYCLE=10000

lab_load_require() { lab_require trafgen timeout; }

# A veth pair, of which what is sent into one end arrives at the other, and the packets: transport data
# with a payload of 100 bytes from the stack to the endpoint, and as the last of each cycle a DNS query to
# the public resolver.
lab_load_up() {
    local device
    lab_in host ip link add load type veth peer name load-tx
    for device in load load-tx; do
        # Nothing else shall be on the wire, no router solicitation either.
        lab_in host sysctl -qw "net.ipv6.conf.$device.disable_ipv6=1"
        lab_in host ip link set "$device" up
    done
    lab_load_packets $LAB_LOAD_CYCLE >"$LAB_DIR/load.cfg"
}

# lab_load_packets CYCLE: in trafgen's language, where c32 is big-endian and WireGuard's counter is not.
lab_load_packets() {
    local cycle=$1 i headers question counter
    headers="eth(da=$LAB_BRIDGE_MAC, sa=$LAB_STACK_MAC)"
    for ((i = 0; i < cycle - 1; i++)); do
        printf -v counter '0x%02x, 0x%02x' $((i & 255)) $((i >> 8))
        echo "{ $headers, ipv4(sa=$LAB_STACK, da=$LAB_ENDPOINT, ttl=64, df)," \
            "udp(sp=$LAB_PORT, dp=$LAB_PORT), 4, 0, 0, 0, c32(7), $counter, fill(0, 90) }"
    done
    # Identifier, recursion desired, one question: example.org A IN (RFC 1035, section 4.1).
    question='c16(0x1234), c16(0x0100), c16(1), c16(0), c16(0), c16(0)'
    question+=', 7, "example", 3, "org", 0, c16(1), c16(1)'
    echo "{ $headers, ipv4(sa=$LAB_STACK, da=$LAB_RESOLVER, ttl=64, df), udp(sp=40000, dp=53), $question }"
}

lab_load() { lab_load_send "${2:-}" --num "$1"; }

lab_load_for() { lab_load_send "${2:-}" --num 0 "$1"; }

# lab_load_send RATE --num PACKETS [SECONDS]: one processor, so that the order is the cycle's.
lab_load_send() {
    local rate=$1 packets=$3 seconds=${4:-} limit=() log=$LAB_DIR/load.log
    local sent=() status=0
    [[ -z $rate ]] || sent=(--rate "${rate}pps")
    [[ -z $seconds ]] || limit=(timeout --signal=INT "$seconds")
    lab_in host "${limit[@]}" trafgen --in "$LAB_DIR/load.cfg" --out load-tx --cpus 1 --num "$packets" \
        --no-sock-mem --notouch-irq "${sent[@]}" >"$log" 2>&1 || status=$?
    # timeout(1) says 124 when the time was up.
    [[ $status == 0 || $status == 124 && -n $seconds ]] || lab_fail "trafgen failed: $(tail -n 3 "$log")"
    tr -d '\r' <"$log" | awk -v cycle=$LAB_LOAD_CYCLE '
        /packets outgoing/ { packets = $1 }
        / sec, .* usec on CPU/ { seconds = $1 + $3 / 1000000 }
        END {
            if (!packets || !seconds) exit 1
            printf "packets=%d leaks=%d seconds=%.3f rate=%d\n",
                packets, packets / cycle, seconds, packets / seconds
        }' || lab_fail "trafgen told no numbers: $(tail -n 3 "$log")"
}
