#!/bin/bash
# gluetun's own firewall, rule by rule in the order in which it adds them (qdm12/gluetun, internal/firewall/enable.go and
# vpn.go): all is refused, but loopback, answers, the server that it has chosen, the container's own networks, neighbour
# solicitations, and what goes into the tunnel.
set -e
own=$(ip -4 -o address show dev eth0 | awk '{ print $4 }')
subnet=$(ip -4 -o route show dev eth0 scope link | awk '{ print $1 }')
for program in iptables ip6tables; do
    for chain in INPUT OUTPUT FORWARD; do $program --policy $chain DROP; done
    $program --append INPUT -i lo -j ACCEPT
    $program --append OUTPUT -o lo -j ACCEPT
    $program --append OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    $program --append INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
done
endpoint=$(sed -n 's/^Endpoint *= *//p' /config/wg0.conf)
iptables --append OUTPUT -d "${endpoint%:*}" -o eth0 -p udp -m udp --dport "${endpoint##*:}" -j ACCEPT
iptables --append OUTPUT -o eth0 -s "${own%/*}" -d "$subnet" -j ACCEPT
ip6tables --append OUTPUT -o eth0 -d ff02::1:ff00:0/104 -j ACCEPT
iptables --append INPUT -i eth0 -d "$subnet" -j ACCEPT
for program in iptables ip6tables; do $program --append OUTPUT -o wg0 -j ACCEPT; done
