# Recording on devices of the lab's host; a part of lab.sh.
# shellcheck shell=bash disable=SC2034

# lab_capture DEVICE FILE [OPTION...]: on a device of the host, from now until lab_capture_end.
LAB_CAPTURES=()
lab_capture() {
    local log=$LAB_DIR/capture.$1.log
    # What is found in them is from now on: an earlier capture of this lab has said that it listens, too.
    rm -f "$2" "$log"
    nsenter --net="/run/netns/$(lab_netns host)" \
        tcpdump -i "$1" -n -s 0 -U --immediate-mode -Z root -w "$2" "${@:3}" 2>"$log" &
    LAB_PIDS+=($!)
    LAB_CAPTURES+=("$!:$log")
    lab_wait 10 grep -qs 'listening on' "$log" || lab_fail "no capture on $1"
}

# lab_control FILE [ROLE MAC ADDRESS ASKED]: the host asks for its router's address (ARP), and the NIC's capture in
# that file sees it; or another role asks on its eth0. Without it, a device on which nothing left could not be told
# from a capture that sees nothing.
lab_control() {
    local role=${2:-host} mac=${3:-$LAB_NIC_MAC} address=${4:-$LAB_HOST} asked=${5:-$LAB_ROUTER}
    lab_in "$role" python3 - "$mac" "$address" "$asked" <<'PYTHON'
import socket, sys
mac = bytes.fromhex(sys.argv[1].replace(":", ""))
asking, asked = map(socket.inet_aton, sys.argv[2:])
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth0", 0))
# RFC 826: Ethernet, IPv4, a request.
request = bytes.fromhex("0001080006040001") + mac + asking + bytes(6) + asked
link.send(b"\xff" * 6 + mac + b"\x08\x06" + request)
PYTHON
    lab_wait 5 lab_asked "$1" "$mac" "$asked" || lab_fail "the capture in ${1##*/} sees nothing"
}

lab_asked() { [[ -n $(tcpdump -n -r "$1" "ether src $2 and arp[6:2] = 1 and arp dst host $3" 2>/dev/null) ]]; }

# A packet that the capture missed would make every count below it a guess.
lab_capture_end() {
    local capture
    sleep 0.5
    for capture in "${LAB_CAPTURES[@]}"; do
        kill -TERM "${capture%%:*}"
        wait "${capture%%:*}" || true
        grep -q '^0 packets dropped by kernel' "${capture#*:}" || lab_fail "the capture lost packets"
    done
    LAB_CAPTURES=()
}
