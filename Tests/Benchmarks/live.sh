# A lab under load, and what is measured in it; a library for bash, on top of Tests/Lab/lab.sh.
#
# Use: source it, `trap lab_down EXIT`, `load_up`, then `send`, `dump_start`, `watch_start` and so on.
# Variables in capitals are read by users of the library too.
# shellcheck shell=bash disable=SC2034

# shellcheck source=Tests/Lab/lab.sh
source Tests/Lab/lab.sh
build=$PWD/.build/release
thresholds=Tests/Benchmarks/thresholds.txt
missed=0

# row TRAFFIC MEASURE VALUE: compares with the bound of thresholds.txt.
row() {
    local most goal met=met
    read -r most goal < <(awk -v key="$1 $2" '$1 " " $2 == key { print $3, $4 }' "$thresholds") ||
        lab_fail "thresholds.txt has no bound for $1 $2"
    awk -v value="$3" -v most="$most" 'BEGIN { exit !(value <= most) }' || met=MISSED
    [[ $met == met ]] || missed=1
    printf '%-14s%-22s%-12s%-18s%-8s%s\n' "$1" "$2" "$3" "at most $most" "$met" "${goal:+goal $goal}"
}

# within TRAFFIC MEASURE VALUE
within() {
    awk -v key="$1 $2" -v value="$3" '$1 " " $2 == key { exit !(value <= $3) }' "$thresholds"
}

# ratio A B [FACTOR]
ratio() { awk -v a="$1" -v b="$2" -v factor="${3:-1}" 'BEGIN { printf "%.2f", (b > 0 ? factor * a / b : 1e9) }'; }

# What else the machine does is not to be measured. Where the kernel shares its time among sessions (sched(7), autogroup), it is
# this one's turn that counts.
go_first() {
    renice -n -15 -p $$ >/dev/null
    session "-15"
}

come_back() { session 0; }

session() { { echo "$1" >/proc/$$/autogroup; } 2>/dev/null || true; }

# The stack behind a bridge and NAT, and nothing but the load on the wires.
load_up() {
    lab_hosts
    lab_bridge
    lab_stack_up
    local role
    for role in inet host stack; do lab_in "$role" sysctl -qw net.ipv6.conf.all.disable_ipv6=1; done
    # Connection tracking holds fewer flows than are sent, so NAT does without.
    lab_in host iptables -t raw -A PREROUTING -j CT --notrack
    lab_in host nft -f - <<NFT
table ip load {
    chain leaving {
        type filter hook postrouting priority 300
        ip saddr $LAB_STACK oifname eth0 ip saddr set $LAB_HOST
    }
}
NFT
    # Nobody answers, and nobody asks for a hardware address.
    lab_in inet iptables -t raw -A PREROUTING -i lan -j DROP
    ip -n "$(lab_netns host)" neighbour replace $LAB_ROUTER lladdr $LAB_ROUTER_MAC dev eth0 nud permanent
    ip -n "$(lab_netns host)" route add 192.168.1.32/27 via $LAB_ROUTER
}

# send COUNT RATE KIND [EVERY]: from the stack, so that the host sees each packet on the bridge and on the NIC. Prints what
# load-sender prints.
send() { lab_in stack "$build/load-sender" eth0 "$@"; }

# send_datagrams COUNT: of one flow, from a socket in the stack.
send_datagrams() { lab_in stack "$build/socket-sender" $LAB_WEB "$1"; }

# sender_cpu COUNT: SENDER_CPU, in milliseconds of user and system.
sender_cpu() {
    local TIMEFORMAT='%3U %3S' times
    times=$({ time send_datagrams "$1"; } 2>&1)
    SENDER_CPU=$(awk '{ printf "%d", ($1 + $2) * 1000 }' <<<"$times")
}

# send_in COUNT RATE KIND [EVERY]: into the host's NIC alone, as from a container into a bridge.
send_in() { lab_in inet "$build/load-sender" lan "$@"; }

# Packets that came out of the stack so far: where the machine is short of time, the load itself is cut.
passed() { lab_in host awk '{ sub(":", " ") } $1 == "br-stack" { print $3 }' /proc/net/dev; }

# In milliseconds, of the process's threads so far; its highest memory in KiB.
cpu() { awk '{ sum += $1 } END { printf "%d", sum / 1e6 }' "/proc/$1/task/"*/schedstat; }
memory() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status"; }

# Only for the background: what is signalled there must be the program itself.
in_host() { exec nsenter --net="/run/netns/$(lab_netns host)" "$@"; }

# dump_start INTERFACE: its process is DUMP.
dump_start() {
    : >"$LAB_DIR/dump.log"
    in_host tcpdump -i "$1" -n -B 65536 -Z root -w /dev/null 2>"$LAB_DIR/dump.log" &
    DUMP=$!
    LAB_PIDS+=("$DUMP")
    lab_wait 10 grep -q 'listening on' "$LAB_DIR/dump.log" || lab_fail "no tcpdump: $(<"$LAB_DIR/dump.log")"
}

# dump_end: DUMP_CPU and DUMP_DROPPED.
dump_end() {
    sleep 0.3
    DUMP_CPU=$(cpu "$DUMP")
    kill -INT "$DUMP"
    wait "$DUMP" || true
    DUMP_DROPPED=$(awk '/dropped by kernel/ { print $1 }' "$LAB_DIR/dump.log")
}

stamp='import sys, time
open(sys.argv[1], "w").close()
for line in sys.stdin:
    print("%.6f %s" % (time.time(), line), end="", flush=True)'

# watch_start OPTION...: its process is WATCH.
watch_start() {
    : >"$LAB_DIR/watch.log"
    rm -f "$LAB_DIR/reader.ready"
    in_host "$build/leakaudit" watch --endpoint "$LAB_ENDPOINT:$LAB_PORT" \
        --no-docker --format ndjson "$@" 2>"$LAB_DIR/watch.log" \
        > >(exec python3 -u -c "$stamp" "$LAB_DIR/reader.ready" >"$LAB_DIR/watch.out") &
    WATCH=$!
    LAB_PIDS+=("$WATCH")
    lab_wait 10 test -e "$LAB_DIR/reader.ready" || lab_fail "no reader"
    lab_wait 10 grep -q 'watching ' "$LAB_DIR/watch.log" || lab_fail "no watch: $(<"$LAB_DIR/watch.log")"
    # The start is no part of what frames cost: the kernel verifies two programs in it.
    WATCH_START=$(cpu "$WATCH")
}

# watch_end: WATCH_CPU and WATCH_MEMORY.
watch_end() {
    sleep 0.3
    WATCH_CPU=$(($(cpu "$WATCH") - WATCH_START)) WATCH_MEMORY=$(memory "$WATCH")
    kill -INT "$WATCH"
    wait "$WATCH" || true
    lab_wait 10 grep -q '"schema":"leakaudit.summary/1"' "$LAB_DIR/watch.out" || lab_fail "no summary"
}

# field NAME: of the summary
field() {
    tail -1 "$LAB_DIR/watch.out" | cut -d' ' -f2- |
        python3 -c "import json, sys; print(json.load(sys.stdin)$1)"
}

# latency: the 99th percentile of the delays in milliseconds of the alerts that are told at once, and how many there were.
latency() {
    python3 - "$LAB_DIR/watch.out" <<'PYTHON'
import datetime, json, sys
delays = []
for line in open(sys.argv[1]):
    read, text = line.split(" ", 1)
    alert = json.loads(text)
    if alert.get("kind") in ("leak", "escaped") and alert.get("schema") == "leakaudit.alert/1":
        whole, fraction = alert["last"][:-1].split(".")
        moment = datetime.datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + fraction)
        delays.append((float(read) - moment) * 1000)
delays.sort()
print("%.1f %d" % (delays[min(len(delays) - 1, int(len(delays) * 0.99))] if delays else 1e9, len(delays)))
PYTHON
}
