"""What a LAN and its machines send by themselves, as raw frames on one interface.

    discovery.py INTERFACE peers|host|container|rogue|misled

`peers`: a television, a printer, a desktop and the router of the LAN. `host`: the machine itself. `container`: a
client in the stack that looks for others beside it. `rogue`: a DHCP server with routes of its own. `misled`: a
container that takes a public address for a neighbour's. Nothing here goes further than the link.
"""

import ipaddress
import socket
import struct
import sys
import time

interface, who = sys.argv[1:]
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind((interface, 0))
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send(source, destination, ether_type, payload):
    frame = mac(destination) + mac(source) + struct.pack("!H", ether_type) + payload
    link.send(frame + b"\0" * max(0, 60 - len(frame)))
    time.sleep(0.005)


def ipv4(source, destination, number, payload, ttl=1, options=b""):
    words = 5 + len(options) // 4
    header = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(payload), 0, 0x4000, ttl, number, 0)
    header += address(source) + address(destination) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(source, destination, number, payload, limit=255):
    return struct.pack("!IHBB", 6 << 28, len(payload), number, limit) + address(source) + address(destination) + payload


def udp(source, destination, source_port, port, payload, ttl=1):
    """A datagram; without a checksum in IPv4, with one in IPv6 (RFC 8200 section 8.1)."""
    datagram = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    if ":" not in source:
        return 0x0800, ipv4(source, destination, 17, datagram, ttl)
    pseudo = address(source) + address(destination) + struct.pack("!II", len(datagram), 17)
    return 0x86DD, ipv6(source, destination, 17, datagram[:6] + struct.pack("!H", checksum(pseudo + datagram)) + payload)


def group_mac(group):
    packed = address(group)
    if len(packed) == 4:
        return "01:00:5e:" + ":".join(f"{b:02x}" for b in (packed[1] & 0x7F, packed[2], packed[3]))
    return "33:33:" + ":".join(f"{b:02x}" for b in packed[-4:])


def multicast(source_mac, source, group, source_port, port, payload, ttl=1):
    send(source_mac, group_mac(group), *udp(source, group, source_port, port, payload, ttl))


def broadcast(source_mac, source, destination, source_port, port, payload):
    send(source_mac, BROADCAST, *udp(source, destination, source_port, port, payload, 64))


def name(text):
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def question(text, kind=12, identifier=0):
    return struct.pack("!HHHHHH", identifier, 0, 1, 0, 0, 0) + name(text) + struct.pack("!HH", kind, 1)


def netbios(text):
    coded = "".join(chr(65 + (b >> 4)) + chr(65 + (b & 15)) for b in text.ljust(15).encode() + b"\0")
    return struct.pack("!HHHHHH", 0x1234, 0x0110, 1, 0, 0, 0) + name(coded) + struct.pack("!HH", 32, 1)


def arp(source_mac, sender, target, operation=1, to=BROADCAST, target_mac="00:00:00:00:00:00"):
    payload = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    payload += mac(source_mac) + address(sender) + mac(target_mac) + address(target)
    send(source_mac, to, 0x0806, payload)


def igmp_report(source_mac, source, group):
    report = struct.pack("!BBH", 0x16, 0, 0) + address(group)
    report = report[:2] + struct.pack("!H", checksum(report)) + report[4:]
    # The router alert option of RFC 2113.
    send(source_mac, group_mac(group), 0x0800, ipv4(source, group, 2, report, 1, bytes([148, 4, 0, 0])))


def icmpv6(source_mac, source, destination, kind, body, limit=255):
    message = struct.pack("!BBH", kind, 0, 0) + body
    pseudo = address(source) + address(destination) + struct.pack("!II", len(message), 58)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
    send(source_mac, group_mac(destination), 0x86DD, ipv6(source, destination, 58, message, limit))


def dhcp(kind, source_mac, yours="0.0.0.0", options=b""):
    message = struct.pack("!BBBBIHH", 2 if kind in (2, 5) else 1, 1, 6, 0, 0x2A2A2A2A, 0, 0)
    message += address("0.0.0.0") + address(yours) + bytes(8) + mac(source_mac) + bytes(10 + 192)
    return message + bytes.fromhex("63825363") + bytes([53, 1, kind]) + options + b"\xff"


SEARCH = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n'
NOTIFY = b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\nNT: upnp:rootdevice\r\n\r\n"
LSD = b"BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: " + b"0123456789" * 4 + b"\r\n\r\n\r\n"


def peers():
    television, printer, desktop, router = (f"02:00:c0:a8:01:{n}" for n in ("20", "21", "22", "01"))
    for sender, source in ((television, "192.168.1.32"), (printer, "192.168.1.33"), (desktop, "192.168.1.34")):
        arp(sender, "0.0.0.0", source)
        arp(sender, source, source)
        arp(sender, source, "192.168.1.1")
        igmp_report(sender, source, "224.0.0.251")
        multicast(sender, source, "224.0.0.251", 5353, 5353, question("_services._dns-sd._udp.local"), 255)
    for group in ("239.255.255.250", "224.0.1.60"):
        igmp_report(printer, "192.168.1.33", group)
    multicast(television, "192.168.1.32", "239.255.255.250", 40001, 1900, NOTIFY, 4)
    multicast(desktop, "192.168.1.34", "239.255.255.250", 40002, 1900, SEARCH, 4)
    multicast(desktop, "192.168.1.34", "224.0.0.252", 40003, 5355, question("wpad", 1, 7))
    multicast(desktop, "fe80::22", "ff02::fb", 5353, 5353, question("_googlecast._tcp.local"))
    multicast(desktop, "fe80::22", "ff02::1:3", 40004, 5355, question("wpad", 28, 8))
    multicast(desktop, "fe80::22", "ff02::c", 40005, 1900, SEARCH)
    broadcast(desktop, "192.168.1.34", "192.168.1.255", 137, 137, netbios("WORKGROUP"))
    broadcast(desktop, "192.168.1.34", "192.168.1.255", 138, 138, bytes(82))
    broadcast(desktop, "192.168.1.34", "255.255.255.255", 17500, 17500, b'{"port": 17500}')
    broadcast(television, "0.0.0.0", "255.255.255.255", 68, 67, dhcp(1, television))
    # A default route as option 121 has it, beside the router of option 3: nothing that wins over a tunnel's.
    route = bytes([54, 4]) + address("192.168.1.1") + bytes([3, 4]) + address("192.168.1.1")
    route += bytes([121, 5, 0]) + address("192.168.1.1")
    broadcast(router, "192.168.1.1", "255.255.255.255", 67, 68, dhcp(2, television, "192.168.1.32", route))
    broadcast(router, "192.168.1.1", "255.255.255.255", 67, 68, dhcp(5, television, "192.168.1.32", route))
    icmpv6(router, "fe80::1", "ff02::1", 134, bytes([64, 0]) + struct.pack("!HII", 1800, 0, 0))
    # Spanning tree, over LLC; LLDP.
    send(router, "01:80:c2:00:00:00", 38, bytes.fromhex("424203") + bytes(35))
    send(router, "01:80:c2:00:00:0e", 0x88CC, bytes.fromhex("0207040200c0a80101060200780000"))


def host():
    own = "02:00:c0:a8:01:0a"
    arp(own, "192.168.1.10", "192.168.1.10")
    arp(own, "192.168.1.10", "192.168.1.33")
    igmp_report(own, "192.168.1.10", "224.0.0.251")
    multicast(own, "192.168.1.10", "224.0.0.251", 5353, 5353, question("_ipp._tcp.local"), 255)
    multicast(own, "192.168.1.10", "239.255.255.250", 40010, 1900, SEARCH, 4)
    multicast(own, "192.168.1.10", "239.255.255.250", 40011, 3702, b"<probe/>")
    multicast(own, "192.168.1.10", "224.0.0.252", 40012, 5355, question("printer", 1, 9))
    broadcast(own, "192.168.1.10", "192.168.1.255", 137, 137, netbios("HOST"))
    broadcast(own, "0.0.0.0", "255.255.255.255", 68, 67, dhcp(3, own))


def container():
    own = "02:42:ac:12:00:02"
    igmp_report(own, "172.18.0.2", "239.192.152.143")
    multicast(own, "172.18.0.2", "239.192.152.143", 6771, 6771, LSD)
    multicast(own, "172.18.0.2", "239.255.255.250", 40020, 1900, SEARCH, 4)
    multicast(own, "172.18.0.2", "224.0.0.251", 5353, 5353, question("_http._tcp.local"), 255)
    icmpv6(own, "::", "ff02::1:ff00:2", 135, bytes(4) + address("fe80::42:acff:fe12:2"))
    icmpv6(own, "fe80::42:acff:fe12:2", "ff02::2", 133, bytes(4))


def rogue():
    routes = b"".join(bytes([1, half]) + address("192.168.1.66") for half in (0, 128))
    options = bytes([54, 4]) + address("192.168.1.66") + bytes([121, len(routes)]) + routes
    own = "02:00:c0:a8:01:66"
    broadcast(own, "192.168.1.66", "255.255.255.255", 67, 68, dhcp(2, "02:00:c0:a8:01:0a", "192.168.1.10", options))


def misled():
    arp("02:42:ac:12:00:02", "172.18.0.2", "198.51.100.80")


{f.__name__: f for f in (peers, host, container, rogue, misled)}[who]()
