nft add table inet f
nft add chain inet f out '{ type filter hook output priority 0 ; policy drop ; }'
nft add rule inet f out oifname { wg0, lo } counter accept
nft add rule inet f out ip daddr 192.168.1.0/24 udp dport != 53 ct state established accept
for n in a b; do [ $n = a ] && continue; case $n in b*) nft insert rule inet f out meta mark 0xca6c accept;; esac; done
f() { if ! test -e /x; then return 1; fi; }; f || nft add rule inet f out reject with icmpx admin-prohibited
