#!/bin/bash
# The article's final start-up script with the routes of its author's repository, which give RFC 1918 past the
# tunnel what is accepted: the tunnel's own resolver is asked in clear even while the tunnel is up.
set -e
gateway=$(ip route | grep default | awk '{print $3}')
ip route add 172.16.0.0/12 via "$gateway"
ip route add 10.0.0.0/8 via "$gateway"
ip route add 192.168.0.0/16 via "$gateway"
iptables -I OUTPUT -d 192.168.0.0/16 -j ACCEPT
iptables -A OUTPUT -d 10.0.0.0/8 -j ACCEPT
iptables -A OUTPUT -d 172.16.0.0/12 -j ACCEPT
iptables -A OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
