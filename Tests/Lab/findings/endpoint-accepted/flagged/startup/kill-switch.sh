#!/bin/bash
# In force before wg-quick reads its configuration.
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
iptables -I OUTPUT -d 203.0.113.178 -j ACCEPT
