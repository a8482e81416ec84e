/// The two scripts that hold an island: what makes it and waits, and what cleans up after it.
enum IslandScripts {
  /// Runs outside of the island. It outlives this program, whatever ends that: its standard input is a pipe whose other
  /// end only this program has, and the island ends with it.
  ///
  /// Arguments: the folder, the island's name, `first`, `clean`, and the arguments of `first` behind the folder.
  static let guardian = """
    trap '' HUP INT TERM
    folder=$1 name=$2 first=$3 clean=$4
    shift 4
    # Locked before it has its name: another drill removes folders whose lock nobody holds.
    exec 9>"$folder/lock.new"
    flock 9
    mv "$folder/lock.new" "$folder/lock"
    unshare --mount --net --pid --fork --kill-child --ipc --uts --propagation private \\
        bash -c "$first" island "$folder" "$@" 9>&-
    bash -c "$clean" clean "$folder" "$name"
    """

  /// Removes what namespaces do not hold: control groups and files. Arguments: the folder, and the island's name.
  static let clean = """
    folder=$1 name=$2
    # The groups of processes that are ending are still in use.
    for _ in {1..100}; do
        left=
        for group in /sys/fs/cgroup/"$name" /sys/fs/cgroup/*/"$name"; do
            [[ ! -d $group ]] || { find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || left=1; }
        done
        [[ -n $left ]] || break
        sleep 0.1
    done
    rm -rf --one-file-system "$folder"
    """

  /// The first process of the island. When it ends, so do all others of the island and its mounts.
  ///
  ///     engine and containers --bridge-- (this namespace) --NIC---lan-- (namespace "internet") Endpoint, router, hosts
  ///
  /// The internet has every address that is not on the LAN. There is no way out of it.
  ///
  /// Arguments: the folder; the NIC's name, address with prefix length, and router; this program's file.
  static let first = """
    set -euo pipefail
    folder=$1 nic=$2 address=$3 router=$4 program=$5
    fail() { echo "failed $*"; exit 1; }
    read -r process _ </proc/self/stat # as the outside numbers it: /proc is still the outer one
    mount -t proc proc /proc || fail "no /proc"
    mount -t tmpfs -o mode=755 tmpfs /run || fail "no /run"
    # A container with `ipc: host` writes there.
    [[ ! -d /dev/shm ]] || mount -t tmpfs -o mode=1777 tmpfs /dev/shm || fail "no /dev/shm"
    : >/run/leakaudit
    mount --bind "$program" /run/leakaudit || fail "no program"
    # Where AppArmor's files cannot be seen, the engine loads no profile into the kernel.
    [[ ! -d /sys/kernel/security ]] || mount -t tmpfs tmpfs /sys/kernel/security || fail "no /sys/kernel/security"
    echo "nameserver $router" >"$folder/resolv.conf"
    resolv=$(readlink -m /etc/resolv.conf) # a symbolic link into /run on some systems
    if [[ $resolv == /run/* ]]; then
        mkdir -p "${resolv%/*}"
        : >"$resolv"
    fi
    [[ -e $resolv ]] || fail "/etc/resolv.conf is not there"
    mount --bind "$folder/resolv.conf" "$resolv" || fail "no /etc/resolv.conf"

    ip netns add internet || fail "no network for the internet"
    ip link set lo up
    ip link add "$nic" type veth peer name lan netns internet || fail "no cable to the internet"
    ip address add "$address" dev "$nic"
    ip -n internet link set lo up
    ip -n internet address add "$router/${address#*/}" dev lan
    for end in all default lan lo; do
        ip netns exec internet sysctl -qw net.ipv4.conf.$end.rp_filter=0
    done
    ip netns exec internet sysctl -qw net.ipv4.ip_forward=1 net.ipv4.ping_group_range='0 2147483647'
    ip link set "$nic" up
    ip -n internet link set lan up
    ip route add default via "$router" dev "$nic"
    ip -n internet route add local 0.0.0.0/0 dev lo
    # IPv6 may be turned off on this machine. Its table of local routes is looked up before the main one, whatever the
    # prefixes: there, this route would take the answers to the stack, too.
    if [[ -e /proc/sys/net/ipv6 ]]; then
        ip address add 2001:db8:1::10/64 dev "$nic" nodad &&
            ip -n internet address add 2001:db8:1::1/64 dev lan nodad &&
            ip -n internet -6 route add local ::/0 dev lo table main &&
            ip -6 route add default via 2001:db8:1::1 dev "$nic" &&
            sysctl -qw net.ipv6.conf.all.forwarding=1 || true
    fi
    echo "island $process"
    while read -r _; do :; done # until the other end of the pipe is gone
    """
}
