"""The two namespaces of Tests/Lab/probes, a drill's internet and probe in them, and questions to that internet.

    client (192.168.1.10, fd00:51::10) --eth0-- lan (192.168.1.1, fd00:51::1) inet
"""
import ctypes, glob, json, os, socket, struct, subprocess, sys, threading, time

CLIENT = f"leakaudit-probes-{os.getpid()}-client"
INET = f"leakaudit-probes-{os.getpid()}-inet"
OWN = ["192.168.1.10", "fd00:51::10"]
RESOLVERS = ["--tunnel-resolver", "10.64.0.1", "--container-resolver", "198.51.100.54", "--lan-resolver", "192.168.1.1",
             "--endpoint", "198.51.100.178"]
# Nobody listens there: no Docker is here.
DOCKER = {"dns-udp-docker", "dns-tcp-docker"}
# Their answers tell no address, or there is none.
MULTICAST = {"broadcast", "mdns", "ssdp", "mdns6"}
# From the tunnel's address.
BOUND = {"bound-udp", "bound-lan"}
running = []
program = None


def fail(text):
    print(f"probes: {text}", file=sys.stderr)
    sys.exit(1)


def expect(condition, text):
    if not condition:
        fail(text)


def run(*command):
    subprocess.run(command, check=True)


def inside(namespace, *command):
    return ["nsenter", f"--net=/run/netns/{namespace}", "--", *command]


def up():
    run("ip", "netns", "add", CLIENT)
    run("ip", "netns", "add", INET)
    run("ip", "-n", CLIENT, "link", "add", "eth0", "type", "veth", "peer", "name", "lan", "netns", INET)
    for namespace, device, v4, v6 in [(CLIENT, "eth0", "192.168.1.10/24", "fd00:51::10/64"),
                                      (INET, "lan", "192.168.1.1/24", "fd00:51::1/64")]:
        run("ip", "-n", namespace, "link", "set", "lo", "up")
        run("ip", "-n", namespace, "link", "set", device, "up")
        run("ip", "-n", namespace, "address", "add", v4, "dev", device)
        run("ip", "-n", namespace, "address", "add", v6, "dev", device, "nodad")
    run("ip", "-n", CLIENT, "route", "add", "default", "via", "192.168.1.1")
    run("ip", "-n", CLIENT, "route", "add", "default", "via", "fd00:51::1")
    run("ip", "-n", INET, "address", "add", "10.64.0.1/32", "dev", "lo")
    run("ip", "-n", INET, "route", "add", "local", "198.51.100.0/24", "dev", "lo")
    run("ip", "-n", INET, "-6", "route", "add", "local", "2001:db8:51::/64", "dev", "lo")
    ping("0 2147483647")


def tunnel():
    """WireGuard from the client to the internet, with wg-quick's routes. Returns the client's interface."""
    own, other = f"wgc{os.getpid() % 10**7}", f"wgs{os.getpid() % 10**7}"
    # The server first: a first handshake that is lost is repeated after five seconds only.
    ends = [(INET, other, ["10.64.0.1/32"]), (CLIENT, own, ["10.64.114.74/32", "fd00:64::74/128"])]
    keys = [subprocess.run(["wg", "genkey"], capture_output=True, check=True).stdout for _ in ends]
    public = [subprocess.run(["wg", "pubkey"], input=key, capture_output=True, check=True).stdout.decode().strip()
              for key in keys]
    run("ip", "-n", INET, "address", "add", "203.0.113.178/32", "dev", "lo")
    for (namespace, name, addresses), key, peer, options in zip(ends, keys, reversed(public), [
            ["listen-port", "51820", "peer", "?", "allowed-ips", "10.64.114.74/32,fd00:64::74/128"],
            ["fwmark", "51820", "peer", "?", "allowed-ips", "0.0.0.0/0,::/0", "endpoint", "203.0.113.178:51820"]]):
        start(*inside(namespace, "wireguard-go", "--foreground", name), quiet=True)
        for _ in range(100):
            if os.path.exists(f"/run/wireguard/{name}.sock"):
                break
            time.sleep(0.05)
        options = [peer if word == "?" else word for word in options]
        subprocess.run(["wg", "set", name, "private-key", "/dev/stdin", *options], input=key, check=True)
        for address in addresses:
            run("ip", "-n", namespace, "address", "add", address, "dev", name)
        run("ip", "-n", namespace, "link", "set", name, "up", "mtu", "1420")
    for family in ("-4", "-6"):
        rule = ["ip", "-n", CLIENT, family, "rule", "add"]
        run("ip", "-n", CLIENT, family, "route", "add", "default", "dev", own, "table", "51820")
        run(*rule, "not", "fwmark", "51820", "table", "51820")
        run(*rule, "table", "main", "suppress_prefixlength", "0")
    for address in ("10.64.114.74", "fd00:64::74"):
        run("ip", "-n", INET, "route", "add", address, "dev", other)
    return own


def ping(groups):
    run(*inside(CLIENT, "sysctl", "-qw", f"net.ipv4.ping_group_range={groups}"))


def down():
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()
    for name in glob.glob(f"/run/wireguard/wg[cs]{os.getpid() % 10**7}.sock"):
        os.remove(name)
    for namespace in (CLIENT, INET):
        subprocess.run(["ip", "netns", "delete", namespace], stderr=subprocess.DEVNULL)


def start(*command, quiet=False):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL if quiet else None)
    running.append(process)
    return process


def internet(*options):
    process = start(*inside(INET, program, "drill-internet", *options))
    expect(process.stdout.readline() == "ready\n", "the internet is not ready")
    return process


def probe(*options, through=(), prefix=(), every="100", reads=True):
    process = start(*inside(
        CLIENT, *prefix, program, "drill-probe", *RESOLVERS, "--every", every, "--scenario", "7", "--deliberate",
        *(word for address in through for word in ("--tunnel-address", address)), *options))
    first = json.loads(process.stdout.readline())
    expect(first["ready"] and len(first["probes"]) > 30, f"the first line is {first}")
    process.probes = {entry["id"]: entry for entry in first["probes"]}
    process.lines = []
    # While nobody reads, the probe waits.
    process.reader = threading.Thread(target=lambda: process.lines.extend(map(json.loads, process.stdout)))
    if reads:
        process.reader.start()
    return process


def end(process):
    process.stdin.close()
    expect(process.wait(5) == 0, f"the probe ended with {process.returncode}")
    process.reader.join()
    return process.lines


def attempts(seconds=2.5, **arguments):
    """The outcomes of some rounds by probe, without those that were cut."""
    process = probe(**arguments)
    time.sleep(seconds)
    found = {}
    for line in end(process):
        expect(line["probe"] in process.probes, f"{line} is of no probe")
        if line["outcome"] != "cut":
            found.setdefault(line["probe"], []).append(line)
    expect(set(found) == set(process.probes), f"not told: {set(process.probes) - set(found)}")
    return found


def expect_lines(lines, outcome):
    """An attempt waits a second, and on a busy machine some answers take longer: they may be silent, but not most."""
    others = [line for line in lines if line["outcome"] != outcome]
    late = [line for line in others if line["outcome"] == "silent" and outcome in ("through", "around")]
    expect(len(late) == len(others) and 2 * len(late) <= len(lines), f"not {outcome}: {others[:1]}")


def expect_all(found, outcome, but=()):
    for name, lines in found.items():
        if name not in but:
            expect_lines(lines, outcome)


def expect_unbound(found):
    """Without a tunnel's address they are told once, and not tried."""
    for name in BOUND:
        expect([line["outcome"] for line in found[name]] == ["unavailable"], f"{name}: {found[name][:1]}")


def client(family, kind, protocol=0):
    """A socket in the client's namespace, which this process enters for as long as it takes."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open(f"/run/netns/{CLIENT}", os.O_RDONLY)
    # os.setns came with Python 3.12.
    setns = ctypes.CDLL(None, use_errno=True).setns
    try:
        expect(setns(other, 0) == 0, "the namespace cannot be entered")
        made = socket.socket(family, kind, protocol)
    finally:
        expect(setns(own, 0) == 0, "the namespace cannot be left")
        os.close(own)
        os.close(other)
    made.settimeout(2)
    return made


def query(name, kind=1, identifier=0x2A2A):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!6H", identifier, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!2H", kind, 1)


def lookup(address, name, kind=1):
    """The address in the answer, or None."""
    with client(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendto(query(name, kind), (address, 53))
        answer, peer = own.recvfrom(2048)
    expect(peer[:2] == (address, 53), f"{address} was asked, {peer} answered")
    identifier, flags, _, count, _, _ = struct.unpack("!6H", answer[:12])
    expect(identifier == 0x2A2A and flags & 0x800F == 0x8000, f"a bad header: {answer[:12].hex()}")
    if count == 0:
        return None
    record = answer[12 + len(name) + 2 + 4:]
    expect(struct.unpack("!I", record[6:10])[0] == 0, "the answer may be kept")
    return socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, record[12:])
