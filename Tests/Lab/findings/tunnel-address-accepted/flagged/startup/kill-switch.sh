#!/bin/bash
# In force before wg-quick reads its configuration.
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
gateway=$(ip route show default | awk '{print $3}')
ip route add 192.168.1.0/24 via "$gateway"
iptables -I OUTPUT -d 192.168.1.0/24 -j ACCEPT
iptables -I OUTPUT -d 192.168.1.0/24 -p udp --dport 53 -j REJECT
iptables -I OUTPUT -d 192.168.1.0/24 -p tcp --dport 53 -j REJECT
iptables -I OUTPUT -d 192.168.1.0/24 -p udp --dport 853 -j REJECT
iptables -I OUTPUT -d 192.168.1.0/24 -p tcp --dport 853 -j REJECT
