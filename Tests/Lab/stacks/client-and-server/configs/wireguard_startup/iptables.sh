#!/bin/bash
set -e

GATEWAY=$(ip route | grep default | awk '{print $3}')
for LAN in 172.16.0.0/12 10.0.0.0/8 192.168.0.0/16; do
  ip route add $LAN via $GATEWAY
done
iptables -I OUTPUT -d 192.168.0.0/16 -j ACCEPT
iptables -A OUTPUT -d 10.0.0.0/8 -j ACCEPT
iptables -A OUTPUT -d 172.16.0.0/12 -j ACCEPT
iptables -A OUTPUT ! -o wg1 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT

wg-quick up /config/wg1.conf
