#!/bin/bash
# The kill switch as a start-up script: in force before wg-quick reads its configuration, so a
# configuration that it refuses leaves nothing open. 0xca6c is 51820, the mark of wg-quick.
set -e
iptables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
