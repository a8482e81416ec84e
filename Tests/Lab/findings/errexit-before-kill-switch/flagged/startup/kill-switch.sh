#!/bin/bash
set -e
gateway=$(ip route show default | awk '{print $3}')
# The LAN, and the stack's own network.
ip route add 192.168.1.0/24 via "$gateway"
ip route add 172.18.0.0/16 via "$gateway"
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
iptables -I OUTPUT -d 192.168.1.0/24 -p tcp --sport 8080 --dport 1024: -j ACCEPT
# Under the tunnel's address nothing leaves but through it.
iptables -I OUTPUT -o eth0 -s 10.64.114.74 -j REJECT
