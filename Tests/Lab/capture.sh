# Recording on devices of the lab's host; a part of lab.sh.
# shellcheck shell=bash disable=SC2034

# lab_capture DEVICE FILE [OPTION...]: on a device of the host, from now until lab_capture_end.
LAB_CAPTURES=()
lab_capture() {
    local log=$LAB_DIR/capture.$1.log
    rm -f "$2" "$log" # what is found in them is from now on
    nsenter --net="/run/netns/$(lab_netns host)" \
        tcpdump -i "$1" -n -s 0 -U --immediate-mode -Z root -w "$2" "${@:3}" 2>"$log" &
    LAB_PIDS+=($!)
    LAB_CAPTURES+=("$!:$log")
    lab_wait 10 grep -qs 'listening on' "$log" || lab_fail "no capture on $1"
}

# lab_control FILE: the host asks for its router's address (ARP), and the NIC's capture in that file
# sees it. Without it, a NIC on which nothing left could not be told from a capture that sees nothing.
lab_control() {
    lab_in host python3 - $LAB_NIC_MAC $LAB_HOST $LAB_ROUTER <<'PYTHON'
import socket, sys
mac = bytes.fromhex(sys.argv[1].replace(":", ""))
host, router = map(socket.inet_aton, sys.argv[2:])
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth0", 0))
# RFC 826: Ethernet, IPv4, a request.
request = bytes.fromhex("0001080006040001") + mac + host + bytes(6) + router
link.send(b"\xff" * 6 + mac + b"\x08\x06" + request)
PYTHON
    lab_wait 5 lab_asked_router "$1" || lab_fail "the capture of the NIC sees nothing"
}

lab_asked_router() { [[ -n $(tcpdump -n -r "$1" "ether src $LAB_NIC_MAC and arp[6:2] = 1" 2>/dev/null) ]]; }

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
