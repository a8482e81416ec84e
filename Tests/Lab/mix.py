"""Sends random traffic of a tunnel, its neighbours and a few leaks into two ends of a lab at once.

mix.py SEED FRAMES STACK_NAMESPACE INET_NAMESPACE ENDPOINT PORT

Most frames go on with what was sent before, as a tunnel does; some are late, repeated, missing, of another length, or differ
in a field that a filter of flows must not overlook. Needs root. Prints how many frames were sent.
"""
import ctypes
import random
import socket
import struct
import sys
import time

seed, frames, stack_name, inet_name, endpoint, port = sys.argv[1:]
rng = random.Random(int(seed))
frames, port = int(frames), int(port)
libc = ctypes.CDLL(None, use_errno=True)

STACK, GATEWAY, HOST, LAN = "172.18.0.2", "172.18.0.1", "192.168.1.10", "192.168.1.1"
STACK_MAC, BRIDGE_MAC = bytes.fromhex("0242ac120002"), bytes.fromhex("0242ac120001")
ROUTER_MAC, NIC_MAC = bytes.fromhex("0200c0a80101"), bytes.fromhex("0200c0a8010a")


def outlet(namespace, interface):
    with open("/run/netns/" + namespace) as handle:
        if libc.setns(handle.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind((interface, 0))
    return raw


def sum16(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, destination, protocol, payload, flags=0, options=b""):
    length = 20 + len(options) + len(payload)
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, length, rng.randrange(65536), flags, 64, protocol, 0,
        socket.inet_aton(source), socket.inet_aton(destination)) + options
    return head[:10] + struct.pack("!H", sum16(head)) + head[12:] + payload


def ipv6(source, destination, protocol, payload):
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + socket.inet_pton(
        socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, destination) + payload


def udp(source, destination, payload, length=None):
    return struct.pack("!HHHH", source, destination, 8 + len(payload) if length is None else length, 0) + payload


def tcp(source, destination, payload, flags=0x18):
    return struct.pack("!HHIIBBHHH", source, destination, rng.randrange(2**32), 1, 0x50, flags, 500, 0, 0) + payload


def data(receiver, counter, length):
    return struct.pack("<IIQ", 4, receiver, counter) + rng.randbytes(length)


def frame(to, source, packet, tag=b""):
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    return to + source + tag + kind + packet


class Tunnel:
    """One direction of a session."""

    def __init__(self):
        self.receiver, self.counter = rng.randrange(2**32), rng.choice([0, rng.randrange(2**20)])

    def next(self):
        what = rng.random()
        length = rng.choice([16, 16, 96, 96, 96, 1408, 1440])
        if what < 0.985:
            counter = self.counter
            self.counter += 1
        elif what < 0.99:
            counter = max(0, self.counter - rng.randrange(1, 100))
        elif what < 0.995:
            self.counter += rng.choice([1, 2, 3, 70])
            counter = self.counter
            self.counter += 1
        elif what < 0.997:
            self.counter += 1
            return data(self.receiver ^ 1, self.counter, length)
        elif what < 0.998:
            return rng.randbytes(rng.randrange(60))
        else:
            counter = self.counter
            self.counter += 1
            return data(self.receiver, counter, rng.choice([0, 15, 17, 5]))
        return data(self.receiver, counter, length)


def spoil(packet):
    """Changes one byte of a header."""
    position = rng.choice([1, 6, 8, 9, 12, 16, 20, 21, 22, 23, 24, 25])
    if position >= len(packet):
        return packet
    return packet[:position] + bytes([packet[position] ^ 1 << rng.randrange(8)]) + packet[position + 1:]


out, back = Tunnel(), Tunnel()
tunnel_port = 51820
local = [(rng.choice([6, 17]), rng.randrange(2000, 60000), rng.randrange(2000, 60000)) for _ in range(rng.choice([1, 8, 200]))]
shares = [rng.random() for _ in range(4)]
shares = [share / sum(shares) for share in shares]


def from_stack():
    global tunnel_port
    what = rng.random()
    if rng.random() < 0.0005:
        # A session goes on from another port.
        tunnel_port = 51820 + rng.randrange(2)
    if what < shares[0]:
        packet = ipv4(STACK, endpoint, 17, udp(tunnel_port, port, out.next()))
    elif what < shares[0] + shares[1]:
        protocol, one, other = rng.choice(local)
        payload = rng.randbytes(rng.choice([1, 20, 500]))
        if rng.random() < 0.2:
            packet = ipv6("fd00::2", "fd00::1", protocol, (tcp if protocol == 6 else udp)(one, other, payload))
        else:
            packet = ipv4(STACK, GATEWAY, protocol, (tcp if protocol == 6 else udp)(one, other, payload))
    else:
        packet = ipv4(STACK, LAN, 17, udp(5000, 6000, rng.randbytes(100)))
    odd = rng.random()
    if odd < 0.002:
        packet = spoil(packet)
    elif odd < 0.003:
        return frame(BRIDGE_MAC, STACK_MAC[:5] + b"\x77", packet)
    elif odd < 0.004:
        return frame(BRIDGE_MAC, STACK_MAC, packet, b"\x81\x00\x00\x05")
    elif odd < 0.005:
        return frame(b"\xff" * 6, STACK_MAC, packet)
    elif odd < 0.006:
        packet = ipv4(STACK, "198.51.100.%d" % rng.randrange(256), 17, udp(40000, 53, b"\x12\x34\x01" + bytes(9)))
    elif odd < 0.007:
        packet = ipv4(STACK, endpoint, 17, udp(51820, port, out.next()), flags=0x2000)
    elif odd < 0.008:
        packet = ipv4(STACK, endpoint, 17, udp(51820, port, out.next()), options=b"\x01" * 4)
    elif odd < 0.009:
        message = out.next()
        packet = ipv4(STACK, endpoint, 17, udp(51820, port, message, 8 + len(message) - 1))
    return frame(BRIDGE_MAC, STACK_MAC, packet)


def from_inet():
    what = rng.random()
    if what < 0.8:
        return frame(NIC_MAC, ROUTER_MAC, ipv4(endpoint, HOST, 17, udp(port, 51820, back.next())))
    if what < 0.99:
        return frame(NIC_MAC, ROUTER_MAC, ipv4(LAN, HOST, 17, udp(6000, 5000, rng.randbytes(50))))
    return frame(NIC_MAC, ROUTER_MAC, spoil(ipv4(endpoint, HOST, 17, udp(port, 51820, back.next()))))


# A handshake first, and again later: what is known is then decided anew.
def handshake():
    global out, back
    out, back = Tunnel(), Tunnel()
    out.counter = back.counter = 0
    stack.send(frame(BRIDGE_MAC, STACK_MAC, ipv4(
        STACK, endpoint, 17, udp(51820, port, struct.pack("<II", 1, back.receiver) + rng.randbytes(140)))))
    inet.send(frame(NIC_MAC, ROUTER_MAC, ipv4(
        endpoint, HOST, 17, udp(port, 51820, struct.pack("<III", 2, out.receiver, back.receiver) + rng.randbytes(80)))))


own = open("/proc/self/ns/net")
stack, inet = outlet(stack_name, "eth0"), outlet(inet_name, "lan")
sent = 0
while sent < frames:
    if sent == 0 or rng.random() < 0.002:
        handshake()
        sent += 2
    for _ in range(rng.choice([1, 5, 200])):
        outward = rng.random() < 0.7
        (stack if outward else inet).send(from_stack() if outward else from_inet())
        sent += 1
    # Now and then what was sent is audited before more comes; else much waits.
    if rng.random() < 0.2:
        time.sleep(rng.choice([0.0005, 0.002, 0.015]))
print(sent)
