#!/bin/bash
# In force before wg-quick reads its configuration. 0xca6c is 51820, the mark of the tunnel's own packets.
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
iptables -I OUTPUT -d 192.168.0.0/16 -j ACCEPT
iptables -I OUTPUT -d 192.168.0.0/16 -p udp --dport 53 -j REJECT
iptables -I OUTPUT -d 192.168.0.0/16 -p tcp --dport 53 -j REJECT
iptables -I OUTPUT -d 192.168.0.0/16 -p udp --dport 853 -j REJECT
iptables -I OUTPUT -d 192.168.0.0/16 -p tcp --dport 853 -j REJECT
# Under the tunnel's address nothing leaves but through it.
iptables -I OUTPUT -o eth0 -s 10.64.114.74 -j REJECT
gateway=$(ip route show default | awk '{print $3}')
ip route add 192.168.1.0/24 via "$gateway"
