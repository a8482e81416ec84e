#!/bin/bash
# In force before wg-quick reads its configuration.
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
# Machines beside it use the container as their way out.
iptables -t nat -A POSTROUTING -o wg0 -j MASQUERADE
