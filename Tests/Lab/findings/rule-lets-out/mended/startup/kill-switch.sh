#!/bin/bash
# In force before wg-quick reads its configuration.
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
# A resolver that is trusted.
iptables -I OUTPUT -o wg0 -d 198.51.100.53 -p udp --dport 53 -j ACCEPT
