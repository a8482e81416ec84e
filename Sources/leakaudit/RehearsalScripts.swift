/// What runs inside a rehearsal's sandbox. It is bash, which the images that run scripts have, too.
enum RehearsalScripts {
  /// Makes the sandbox, runs the start-up scripts, and brings the tunnels up and down. It reports each step on standard
  /// output, then waits for a line while its caller reads the rules.
  ///
  ///     $1: a folder of the caller's with
  ///       files/        what the container's mounts show, at its paths
  ///       standins/     wg and wg-quick in place of the real ones
  ///       scripts       paths of start-up scripts, in their order, each ended by a zero byte
  ///       tunnels/NAME/ of each configuration: order, mark, addresses, routes, and its hooks
  ///       environment   NAME=VALUE, each ended by a zero byte
  ///       network       the container's address with its length, and the gateway's
  static let sandbox = #"""
    set -u
    dir=$1 privileged=$2
    # Where memory runs short, this goes first.
    echo 1000 >/proc/self/oom_score_adj
    exec 3>&1 4<&0 1>/dev/null 2>/dev/null 0</dev/null
    say() { printf '%s\n' "$*" >&3; }
    fail() { say "failed $*"; exit 1; }
    root=$dir/root
    mount --make-rprivate / && mount -t tmpfs -o mode=755,size=128m,nosuid,nodev tmpfs "$root" || fail "no file system"
    for name in usr bin sbin lib lib32 lib64 libx32; do
        if [[ -L /$name ]]; then
            cp -P "/$name" "$root/$name" || fail "no /$name"
        elif [[ -d /$name ]]; then
            mkdir "$root/$name" && mount --bind "/$name" "$root/$name" &&
                mount -o remount,bind,ro "$root/$name" || fail "no /$name"
        fi
    done
    mkdir -p "$root"/{etc,dev,proc,sys,tmp,run,var,root,leakaudit,.old}
    ln -s ../run "$root/var/run"
    for name in alternatives ethertypes group iproute2 ld.so.cache ld.so.conf ld.so.conf.d nsswitch.conf passwd protocols services xtables; do
        [[ ! -e /etc/$name ]] || cp -rP "/etc/$name" "$root/etc/"
    done
    for name in null zero full random urandom; do
        : >"$root/dev/$name"
        mount --bind "/dev/$name" "$root/dev/$name" || fail "no /dev/$name"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s fd/0 "$root/dev/stdin"
    ln -s fd/1 "$root/dev/stdout"
    ln -s fd/2 "$root/dev/stderr"
    mount -t proc proc "$root/proc" || fail "no /proc"
    if [[ -z $privileged ]]; then
        mount --bind "$root/proc/sys" "$root/proc/sys" && mount -o remount,bind,ro "$root/proc/sys" || fail "no /proc/sys"
    fi
    cp -a "$dir/files/." "$root/" && cp -a "$dir/standins" "$dir/scripts" "$dir/tunnels" "$dir/environment" "$dir/network" \
        "$root/leakaudit/" || fail "no files"
    for name in wg wg-quick; do
        [[ ! -e $root/usr/bin/$name ]] || mount --bind "$root/leakaudit/standins/$name" "$root/usr/bin/$name" || fail "no $name"
    done
    cd "$root" && pivot_root . .old && umount -l /.old && rmdir /.old && cd / || fail "no root of its own"
    export PATH=/leakaudit/standins:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
    ip link set lo up || fail "no network"
    for kind in dummy veth bridge; do ip link add eth0 type $kind && break; done || fail "no stand-in for a network"
    echo "$kind" >/leakaudit/kind
    {
        read -r own
        read -r gateway
    } </leakaudit/network
    ip address add "$own" dev eth0 && ip link set eth0 up && ip route add default via "$gateway" || fail "no route"
    mapfile -d '' -t environment </leakaudit/environment
    mapfile -d '' -t scripts </leakaudit/scripts
    # What is not there is the image's own.
    command_not_found_handle() { echo "$1" >>/leakaudit/missing; return 127; }
    export -f command_not_found_handle
    # run WORD...: as a child that has nothing of this shell's but what it is given.
    run() { env "${environment[@]}" "$@" 2>/leakaudit/errors 3>&- 4<&-; }
    # told STATUS WORD...: what it said last, too.
    told() { say "status $1 of ${*:2}: $(tail -n 1 /leakaudit/errors | head -c 200 | tr -d '\000-\037')"; }
    step() {
        [[ ! -e /leakaudit/missing ]] || say "missing $(sort -u /leakaudit/missing | head -n 20 | tr '\n' ' ')"
        rm -f /leakaudit/missing
        say "step $1"
        read -r _ <&4 || exit 1
    }
    for script in "${scripts[@]}"; do run bash "$script" || told $? "$script"; done
    step scripts
    mapfile -t names < <(ls /leakaudit/tunnels) && [[ ${#names[@]} == "$(ls /leakaudit/tunnels | wc -l)" ]] || fail "no tunnels"
    for name in "${names[@]}"; do
        interface=${name#*-}
        ip link show dev "$interface" || run wg-quick up "$interface" || told $? wg-quick up "$interface"
    done
    step up
    for ((index = ${#names[@]} - 1; index >= 0; index--)); do
        interface=${names[index]#*-}
        run wg-quick down "$interface" || told $? wg-quick down "$interface"
    done
    step down
    """#

  /// wg-quick(8) with an interface in the tunnel's place, and with its hooks, addresses, routing rules and routes.
  static let wgQuick = #"""
    #!/bin/bash
    set -e -o pipefail
    name=${2##*/} name=${name%.conf}
    data=$(ls -d /leakaudit/tunnels/[0-9][0-9]-"$name")
    mark=$(<"$data/mark")
    hooks() {
        local hook
        while IFS= read -r -d '' hook; do (eval "${hook//%i/$name}"); done <"$data/$1"
    }
    rules() {
        local family
        [[ $mark != 0 ]] || return 0
        while read -r family; do
            [[ $1 == del ]] || ip "$family" route add default dev "$name" table "$mark"
            ip "$family" rule "$1" not fwmark "$mark" table "$mark"
            ip "$family" rule "$1" table main suppress_prefixlength 0
        done <"$data/families"
    }
    case $1 in
    up)
        ! ip link show dev "$name" >/dev/null 2>&1 || exit 1
        hooks PreUp
        trap 'ip link delete dev "$name" 2>/dev/null' EXIT
        ip link add dev "$name" type "$(</leakaudit/kind)"
        while read -r address; do ip address add "$address" dev "$name" || true; done <"$data/addresses"
        ip link set dev "$name" up
        rules add
        while read -r prefix; do ip route add "$prefix" dev "$name" || true; done <"$data/routes"
        hooks PostUp
        trap - EXIT
        ;;
    down)
        ip link show dev "$name" >/dev/null 2>&1 || exit 1
        hooks PreDown
        rules del || true
        ip link delete dev "$name"
        hooks PostDown
        ;;
    *) exit 1 ;;
    esac
    """#

  /// wg(8), but only for scripts that ask for the mark.
  static let wg = #"""
    #!/bin/bash
    if [[ $# == 3 && $1 == show && $3 == fwmark ]] && ip link show dev "$2" >/dev/null 2>&1; then
        mark=$(cat /leakaudit/tunnels/[0-9][0-9]-"$2"/mark)
        if [[ $mark == 0 ]]; then echo off; else printf '0x%x\n' "$mark"; fi
    else
        echo "wg ${*}" >>/leakaudit/missing
        exit 1
    fi
    """#
}
