# What users of the stack attempt, and what becomes of it; a part of findings.sh.
# shellcheck shell=bash disable=SC2034,SC2154

FINDING_FLOW=

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
