"""Sends copies of the control frames that it sees on an interface, as they are and changed: copier.py DEVICE MAC.

The MAC address is the sender's of those frames. Says "ready" when it listens, and "sent WHAT" for each copy. The frames'
time to live is 1, so copies that the host routes carry more.
"""
import socket, sys

device, sender = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", ""))
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
link.bind((device, 0))
own = link.getsockname()[4]


def checksummed(frame):
    header = bytearray(frame[14:34])
    header[10:12] = bytes(2)
    total = sum(int.from_bytes(header[at : at + 2], "big") for at in range(0, 20, 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    header[10:12] = (~total & 0xFFFF).to_bytes(2, "big")
    return frame[:14] + bytes(header) + frame[34:]


def changed(frame, at, value):
    return checksummed(frame[:at] + value + frame[at + len(value) :])


print("ready", flush=True)
seen = 0
while seen < 1:
    frame = link.recv(2048)
    if b"leakaudit control" not in frame or frame[6:12] != sender:
        continue
    seen += 1
    # To the bridge itself, so that it comes in there.
    mine = sender + own + frame[12:]
    copies = {
        "as it is": mine,
        "under the bridge's MAC address": sender + sender + frame[12:],
        "with another id": changed(mine, 18, b"\x77\x77"),
        "from another port": changed(mine, 34, b"\x00\x0a"),
        "to another port": changed(mine, 36, b"\x00\x0a"),
        "to be routed": changed(mine, 22, b"\x02"),
    }
    for name, copy in copies.items():
        link.send(copy)
        print("sent", name, flush=True)
