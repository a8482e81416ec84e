#!/bin/bash
set -e

echo "adding iptables rules"

GATEWAY=$(ip route | grep default | awk '{print $3}')
LAN1=192.168.0.0/16
LAN2=10.0.0.0/8
LAN3=172.16.0.0/12
ip route add $LAN3 via $GATEWAY
ip route add $LAN2 via $GATEWAY
ip route add $LAN1 via $GATEWAY
iptables -I OUTPUT -d $LAN1 -j ACCEPT
iptables -A OUTPUT -d $LAN2 -j ACCEPT
iptables -A OUTPUT -d $LAN3 -j ACCEPT

iptables -A OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT
ip6tables -I OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT

echo "iptables rules added"
