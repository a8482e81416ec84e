#!/bin/bash
# The kill switch: closed first, then opened for what may leave. It is the container's first command and, as one of
# its start-up scripts, runs again before wg-quick: both times with the same outcome. A command that fails is
# logged, and the next one runs; what is not opened stays closed.
trap 'echo "kill-switch: failed: $BASH_COMMAND" >&2' ERR

# Networks at home that may reach the published ports, and be reached: written as 192.168.1.0/24, several with
# spaces between, or empty.
LAN=${LAN-192.168.1.0/24}
# What WireGuard sets on its own packets: FwMark in wg0.conf, not the Endpoint's port.
MARK=51820

iptables -w -P OUTPUT DROP
iptables -w -P INPUT DROP
iptables -w -P FORWARD DROP
ip6tables -w -P OUTPUT DROP
ip6tables -w -P INPUT DROP
ip6tables -w -P FORWARD DROP

# Where that did not come into force, the cable is pulled. Only where no interface has IPv6 may ip6tables fail.
if ! iptables -w -S OUTPUT | grep -qx -e '-P OUTPUT DROP'; then
    echo "kill-switch: iptables does not work here: all interfaces go down, and the stack stays without a network" >&2
    ip link set group default down
    exit 1
fi
if grep -qsx 0 /proc/sys/net/ipv6/conf/eth*/disable_ipv6 && ! ip6tables -w -S OUTPUT | grep -qx -e '-P OUTPUT DROP'; then
    echo "kill-switch: there is IPv6, and ip6tables does not work: all interfaces go down" >&2
    ip link set group default down
    exit 1
fi

# The container's own address, and the Docker host's as the container sees it.
ADDRESS=$(ip -4 -o address show dev eth0 | awk '{ sub("/.*", "", $4); print $4; exit }')
GATEWAY=$(ip -4 route show default dev eth0 | awk '{ print $3; exit }')

iptables -w -F INPUT
iptables -w -F FORWARD
iptables -w -F OUTPUT

# Answers may come in; going out, no flow is known by having been there before.
iptables -w -A INPUT -i lo -j ACCEPT
iptables -w -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -w -A OUTPUT -o lo -j ACCEPT
iptables -w -A OUTPUT -o wg0 -j ACCEPT
iptables -w -A OUTPUT -o eth0 -p udp -m mark --mark "$MARK" -j ACCEPT

# DNS, DNS over TLS and over QUIC leave through the tunnel or not at all: the router would pass them on in clear.
for port in 53 853; do
    iptables -w -A OUTPUT -p udp --dport "$port" -j REJECT
    iptables -w -A OUTPUT -p tcp --dport "$port" -j REJECT
done

# The Docker host, which is also who asks for a published port from there; and the LAN, past the tunnel's route.
# Only under the container's own address: the tunnel's never appears outside of it.
if [ -n "$GATEWAY" ]; then
    iptables -w -A INPUT -i eth0 -s "$GATEWAY" -j ACCEPT
    iptables -w -A OUTPUT -o eth0 -s "$ADDRESS" -d "$GATEWAY" -j ACCEPT
fi
for network in $LAN; do
    case $network in
    */1[6-9] | */2[0-9] | */3[0-2]) ;;
    *)
        echo "kill-switch: LAN '$network' stays closed: it is to be a network of /16 to /32" >&2
        continue
        ;;
    esac
    ip -4 route replace "$network" via "$GATEWAY" dev eth0
    iptables -w -A INPUT -i eth0 -s "$network" -j ACCEPT
    iptables -w -A OUTPUT -o eth0 -s "$ADDRESS" -d "$network" -j ACCEPT
done

# An application learns at once that it may not, and need not wait for the policy's silence.
iptables -w -A OUTPUT -j REJECT

ip6tables -w -F INPUT
ip6tables -w -F FORWARD
ip6tables -w -F OUTPUT
ip6tables -w -A INPUT -i lo -j ACCEPT
ip6tables -w -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
ip6tables -w -A OUTPUT -o lo -j ACCEPT
ip6tables -w -A OUTPUT -o wg0 -j ACCEPT
ip6tables -w -A OUTPUT -o eth0 -p udp -m mark --mark "$MARK" -j ACCEPT

# Neighbour discovery (RFC 4861): solicitations and advertisements that no router has passed on, to this link only.
for type in 134 135 136; do
    ip6tables -w -A INPUT -i eth0 -p icmpv6 --icmpv6-type "$type" -m hl --hl-eq 255 -j ACCEPT
done
for type in 135 136; do
    ip6tables -w -A OUTPUT -o eth0 -d fe80::/10 -p icmpv6 --icmpv6-type "$type" -m hl --hl-eq 255 -j ACCEPT
    ip6tables -w -A OUTPUT -o eth0 -d ff02::/16 -p icmpv6 --icmpv6-type "$type" -m hl --hl-eq 255 -j ACCEPT
done
ip6tables -w -A OUTPUT -j REJECT

echo "kill-switch: closed, but for wg0, WireGuard with mark $MARK, and LAN '$LAN' without DNS"
