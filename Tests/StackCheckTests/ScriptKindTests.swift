import Foundation
import PolicyFiles
import TestSupport
import Testing

@testable import StackCheck

/// What a start-up script can do so that its rules are not what they look like: none of it may be called clean, and
/// what only looks like it may.
struct ScriptKindTests {
  static let closed = """
    iptables -P OUTPUT DROP
    ip6tables -P OUTPUT DROP
    iptables -A OUTPUT -o lo -j ACCEPT
    iptables -A OUTPUT -o wg0 -j ACCEPT
    iptables -A OUTPUT -o eth0 -p udp -m mark --mark 51820 -j ACCEPT

    """

  /// Whether all was understood, nothing was refused, and the rules hold at the end and at each place where the script
  /// may end or wait.
  static func isShown(_ script: String, files: [String: String] = [:]) -> (Bool, because: String) {
    let host = RulesetTests.host(script) { path in files[path].map { (path, $0) } }
    let states = [host.namespace.ruleset] + host.possibleEnds.map(\.namespace.ruleset)
    let open = states.first { $0.letsOut(RulesetTests.web) || $0.letsOut(RulesetTests.web6) }
    let holds = open == nil && host.skipped.isEmpty && host.refusedCommands.isEmpty
    return (holds, "\(host.skipped) \(host.refusedCommands) \(open == nil ? "" : "open")")
  }

  private static let opens = "iptables -P OUTPUT ACCEPT"

  /// After the rules: the first may delete them, the second does not.
  static let behind: [(flagged: String, innocent: String)] = [
    ("python3 -c 'import os'", "jq . /config/x.json"),
    ("nft delete table ip filter", "nft list table ip filter"),
    ("nft flush chain ip6 filter OUTPUT", "nft add table ip x"),
    ("perl -e 1", "grep -q x /config/x"),
    ("awk 'BEGIN{system(\"x\")}'", "awk '/default/ {print $3}' /proc/net/route"),
    ("awk '{print | \"sh\"}' /x", "awk -F: '$3 > 5 || $4 {print $1}' /x"),
    ("awk '{print > \"/config/x\"}' /x", "awk '{printf \"%s\\n\", $1}' /x"),
    ("awk -f /x", "awk 'NR==1' /x"),
    ("sed '1e x' /x", "sed -n '/a/,$p; s#b#c#g' /x"),
    ("sed 's/a/b/e' /x", "sed -E 's/[^0-9]+//g' /x"),
    ("sed -i s/a/b/ /config/x", "sed -e s/a/b/ -e 1d /x"),
    ("sed 's/[/]p;s/x/e;#/' /x", "sed 's/[]x]//' /x"),
    ("su -c '\(opens)'", "whoami"),
    ("env sh -c '\(opens)'", "env sh -c 'echo x'"),
    ("env X=1 \(opens)", "env"),
    ("timeout 5 \(opens)", "timeout 5 cat /x"),
    ("nice -n 5 \(opens)", "nice -n 5 cat /x"),
    ("echo OUTPUT | xargs iptables -F", "echo ' a ' | xargs"),
    ("echo x | xargs sh -c x", "echo x | xargs grep y"),
    ("find / -name x -exec \(opens) +", "find /config -name '*.conf'"),
    ("find /config -delete", "find /config -type f"),
    ("cat <(\(opens))", "cat < /x"),
    ("echo x > >(\(opens))", "echo x > /dev/null"),
    ("X=$(echo a; \(opens))", "X=$(echo a; echo b)"),
    ("X=$(true && \(opens))", "X=$(true && echo b)"),
    ("X=\"${Y:-$(\(opens))}\"", "X=\"${Y:-$(echo b)}\""),
    ("echo ${X[$(\(opens))]}", "X=(a); echo ${X[0]}"),
    ("echo $(( $(\(opens)) + 1 ))", "echo $(( 1 + 2 ))"),
    ("[[ -n $(\(opens)) ]]", "[[ -n $(echo x) ]]"),
    ("bash <<E\n\(opens)\nE", "cat <<E\n\(opens)\nE"),
    ("cat <<E\n$(\(opens))\nE", "cat <<'E'\n$(\(opens))\nE"),
    ("echo '\(opens)' | sh", "echo '\(opens)' | cat"),
    ("sh -c '\(opens)'", "sh -c 'echo x'"),
    ("eval \(opens)", "eval echo x"),
    ("eval \"$NOBODY\"", "eval 'X=1'"),
    ("trap '\(opens)' EXIT", "trap 'rm -f /tmp/x' EXIT"),
    ("trap 'iptables -F' TERM", "trap 'echo bye; exit 0' TERM INT"),
    ("(exit 0); \(opens)", "(exit 0)"),
    ("return; \(opens)", "f() { return; \(opens); }; f"),
    ("break; \(opens)", "for i in a; do break; \(opens); done"),
    ("true | exit 0; \(opens)", "true | exit 0"),
    ("f() { \(opens); }; true && f", "f() { \(opens); }; unset -f f"),
    ("T=DROP; unset T; iptables -P OUTPUT ${T-ACCEPT}", "T=DROP; unset U; iptables -P OUTPUT ${T-ACCEPT}"),
    ("T=DROP; printf -v T ACCEPT; iptables -P OUTPUT $T", "T=DROP; printf x; iptables -P OUTPUT $T"),
    ("set -- -P OUTPUT ACCEPT; iptables \"$@\"", "set -- -P OUTPUT DROP; iptables \"$@\""),
    ("X=good; [[ $X == g* ]] && \(opens)", "X=good; [[ $X == b* ]] && \(opens)"),
    ("X=good; [[ $X == \"good\" ]] && \(opens)", "X=good; [[ $X == 'g*' ]] && \(opens)"),
    ("T=DROP; read T < /file; iptables -P OUTPUT $T", "read T < /file"),
    ("T=DROP; while read T; do :; done < /f; iptables -P OUTPUT $T", "while read T; do echo $T; done < /f"),
    (
      "T=DROP; for i in 1 2; do iptables -P OUTPUT $T; T=ACCEPT; done",
      "T=DROP; for i in 1 2; do iptables -P OUTPUT $T; done"
    ),
    ("T=DROP; for i in $NOBODY; do iptables -P OUTPUT $T; T=ACCEPT; done", "for i in $NOBODY; do echo $i; done"),
    (
      "f() { local T=ACCEPT; }; T=DROP; f; T=ACCEPT; iptables -P OUTPUT $T",
      "f() { local T=ACCEPT; }; T=DROP; f; iptables -P OUTPUT $T"
    ),
    ("T=ACCEPT; T=DROP true; iptables -P OUTPUT $T", "T=DROP; T=ACCEPT true; iptables -P OUTPUT $T"),
    ("T=ACCEPT; echo x | T=DROP; iptables -P OUTPUT $T", "T=DROP; echo x | T=ACCEPT; iptables -P OUTPUT $T"),
    ("T=DROP; sh -c 'iptables -P OUTPUT ${T:-ACCEPT}'", "export T=DROP; sh -c 'iptables -P OUTPUT $T'"),
    ("T=DROP; for i in {1..3}; do iptables -P OUTPUT $T; T=ACCEPT; done", "for i in {1..3}; do echo $i; done"),
    ("\(opens) &", "echo x &"),
    (
      "iptables() { :; }; iptables -A OUTPUT -j DROP; unset -f iptables; \(opens)",
      "iptables() { command iptables -w \"$@\"; }; iptables -A OUTPUT -j DROP"
    ),
    ("alias x=y", "type iptables"),
    ("/config/iptables -A OUTPUT -j DROP", "/sbin/iptables -A OUTPUT -j DROP"),
    ("PATH=/config:$PATH", "export PATH=/usr/local/sbin:$PATH"),
    ("LD_PRELOAD=/x.so true", "LANG=C true"),
    ("export LD_LIBRARY_PATH=/x", "export LANG=C"),
    ("read PATH < /x", "read WAY < /x"),
    ("unset PATH", "unset WAY"),
    ("IFS=,", "IFS=$'\\n\\t'"),
    ("echo x > /config/rules", "echo x > /tmp/log"),
    ("echo x | tee /etc/wireguard/wg0.conf", "echo x | tee -a /var/log/x"),
    ("{ echo x; } >> /etc/profile", "{ echo x; } >> /var/log/x 2>&1"),
    ("cp /x /usr/sbin/iptables", "cp /config/x /tmp/x"),
    ("ln -sf /bin/true /sbin/iptables", "ln -s /tmp/a /tmp/b"),
    ("chmod 0 /usr/sbin/iptables", "chmod +x /config/x.sh; chmod 600 /config/wg0.conf"),
    ("rm -rf /custom-cont-init.d", "rm -f /tmp/x"),
    ("mount --bind /bin/true /sbin/iptables", "ls /sbin"),
    ("ip netns exec other true", "ip -4 -o address show eth0"),
    ("ip -batch /x", "ip -br link"),
    ("ip link set eth0 name eth1", "ip link set wg0 mtu 1380 up"),
    ("ip link add link eth0 name eth1 type macvlan", "ip link add wg0 type wireguard"),
    ("ip tunnel add x mode gre", "ip neigh show"),
    ("wg set wg0 peer x endpoint 9.9.9.9:53", "wg show wg0 endpoints"),
    ("sysctl -p /config/x", "sysctl -w net.ipv4.conf.all.src_valid_mark=1"),
    ("sysctl kernel.core_pattern='|/x'", "sysctl -n net.ipv4.ip_forward"),
    ("curl -o /config/x https://example.org", "curl -sf -o /dev/null https://example.org"),
    ("curl -K /x", "curl --max-time 5 https://example.org"),
    ("wget https://example.org/iptables", "wget -q -O - https://example.org"),
    ("sort -o /config/x /y", "sort -u /y"),
    ("sort --compress-program=sh /y", "sort -k 2 /y"),
    ("date -s 0", "date +%s"),
    ("conntrack -I x", "conntrack -F"),
    ("modprobe -r ip_tables", "modprobe -q wireguard"),
    ("apk add iptables", "command -v iptables"),
    ("shopt -s expand_aliases", "shopt -s nullglob"),
    ("set -k", "set -euo pipefail"),
    ("sleep infinity; \(opens) ", "sleep 5"),
    ("while true; do sleep 1; \(opens); done", "while true; do sleep 1; break; done"),
    ("A[0]=ACCEPT; iptables -P OUTPUT $A", "A[0]=DROP; A[1]=x; iptables -P OUTPUT ${A[0]}"),
    ("A[3]=x; iptables -P OUTPUT ${A[1]:-ACCEPT}", "A[3]=x; echo ${A[3]}"),
    ("[ \"$(id -u)\" = 0 ] && \(opens)", "[ \"$(id -u)\" != 0 ] && \(opens)"),
    ("[ \"$(id -u)\" -ne 1 ] && \(opens)", "[ \"$(id -u)\" -gt 0 ] && \(opens)"),
    ("[[ $(id -u) -eq 0 ]] && \(opens)", "[[ $(id -u) -ne 0 ]] && \(opens)"),
    ("[[ 010 -eq 8 ]] && \(opens)", "[[ 10 -eq 8 ]] && \(opens)"),
    ("((EUID == 0)) && \(opens)", "((EUID == 0)) || exit 1"),
    ("((iptables -F); true)", "(( X = 1 + 2 ))"),
    ("let X=1", "X=1"),
    ("probe 'open", "echo 'closed'"),
    ("coproc \(opens)", "true"),
    ("iptables-restore < /etc/x", "iptables-save"),
    ("iptables-save -f /config/x", "iptables -S OUTPUT"),
    ("case $NOBODY in a) \(opens) ;; esac", "case b in a) \(opens) ;; esac"),
    ("case a in a) : ;& b) \(opens) ;; esac", "case a in a) : ;; b) \(opens) ;; esac"),
    ("jobs -x \(opens)", "jobs"),
    ("[[ 'a[$(\(opens))]' -eq 0 ]]", "[[ 1 -eq 0 ]]"),
    ("test -v 'a[$(\(opens))]'", "[ -v HOME ]"),
    ("printf -v 'a[$(\(opens))]' x", "printf -v A x"),
    ("read 'a[$(\(opens))]' <<< x", "read -r A B <<< x"),
    ("mapfile -C '\(opens);:' -c 1 X <<< x", "mapfile -t X <<< x"),
    ("X='$(\(opens))'; echo \"${X@P}\"", "X='$(\(opens))'; echo \"${X@Q}\""),
    ("X='a[$(\(opens))]'; echo $((X))", "X=1; echo $((X + 1))"),
    ("X='a[$(\(opens))]'; echo ${HOME:X}", "X=1; echo ${HOME:X}"),
    ("declare -i Y='a[$(\(opens))]'", "declare -i Y=1"),
    ("declare -i Y; Y='a[$(\(opens))]'", "declare -i Y; Y=2"),
    ("declare 'x[$(\(opens))]=1'", "declare x=1"),
    ("A=([$(\(opens))]=x)", "A=([1]=x)"),
    ("case x in [[:alpha:]]) \(opens) ;; esac", "case x in [a-c]) \(opens) ;; esac"),
    ("X=x; [ \"${X#[[:alpha:]]}\" = x ] || \(opens)", "X=x; [ \"${X#[a-c]}\" = x ] || \(opens)"),
    ("test ']' && \(opens)", "test '' && \(opens)"),
    ("trap -- '\(opens)' EXIT", "trap -- 'rm -f /tmp/x' EXIT"),
    ("trap '\(opens)' 0", "trap '\(opens)' 0; trap - EXIT"),
    ("f() { \(opens); }; trap f EXIT", "f() { iptables -P OUTPUT DROP; }; trap f EXIT"),
    ("trap '\(opens)' EXIT; exit 0", "trap '\(opens)' EXIT; exec true"),
    ("(trap '\(opens)' EXIT)", "(trap '\(opens)' EXIT; trap '' EXIT)"),
    ("[ -f /x ] && trap '\(opens)' EXIT", "[ -f /x ] && trap 'echo x' EXIT"),
    ("trap 'iptables -P FORWARD DROP' EXIT; [ -f /x ] && exit", "trap 'iptables -P FORWARD DROP' EXIT; [ -f /x ]"),
    (
      "echo $(( 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + $(\(opens); echo 0) ))",
      "echo $(( 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 ))"
    ),
    (
      "X=a; echo ${X^^bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb$(\(opens))}",
      "X=a; echo ${X^^bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}"
    ),
    ("BASH_CMDS=([iptables]=/bin/true)", "COMMANDS=(iptables)"),
    ("bash -c '$0 -P OUTPUT ACCEPT' iptables", "bash -c 'iptables \"$@\"' x -P OUTPUT DROP"),
    ("set -- OUTPUT ACCEPT; IFS=' '; iptables -P $*", "set -- OUTPUT DROP; iptables -P $*"),
  ]

  @Test(arguments: behind)
  func `what may delete the rules is never clean`(flagged: String, innocent: String) {
    #expect(!Self.isShown(Self.closed + flagged).0)
    let (isShown, because) = Self.isShown(Self.closed + innocent)
    #expect(isShown, "\(because)")
  }

  /// Before the rules: the first may keep them from being made, or the stack open while it runs.
  static let before: [(flagged: String, innocent: String)] = [
    ("exec sleep 1", "exec 2>&1"), ("exec \"$NOBODY\"", "exec 3>/dev/null"),
    ("exit 0", "(exit 0)"), ("[ -f /x ] && exit 0", "[ -f /x ] && echo x"),
    ("set -u; echo $NOBODY", "set -u; X=1; echo $X ${NOBODY:-d} $HOME"),
    ("set -eu; echo ${NOBODY}", "set -eu; echo \"${NOBODY-}\""),
    (": ${NOBODY:?is missing}", ": ${NOBODY:=there}"),
    ("nft add table ip filter", "nft add table inet filter"), ("set -n", "set -x"),
    ("set -o noexec", "set -o pipefail"),
    ("kill $$", "kill -0 1"), ("kill -9 $PPID", "pgrep x"),
    ("sleep 5", "echo 5"), ("until ping -c 1 9.9.9.9; do sleep 1; done", "until true; do sleep 1; done"),
    ("while ! ip link show wg0; do :; done", "while false; do :; done"), ("wait", "times"),
    ("tail -f /dev/null", "tail -n 1 /x"), ("cat /dev/zero", "cat /etc/hosts"), ("read X", "read X < /x"),
    ("curl https://example.org", "jq . /x"), ("X=$(getent hosts example.org)", "X=$(cat /etc/hostname)"),
    ("set -e; mount x", "set -e; true"), ("set -e; ls /x", "set -e; ls /x || true"),
    ("#!/bin/true", "#!/bin/bash"), ("#!/usr/bin/python3", "#!/usr/bin/env bash"),
    ("#!/bin/bash -n", "#!/usr/bin/with-contenv bash"), ("#!/bin/bash -e\nls /x", "#!/bin/sh -e\ntrue"),
    ("X=1\r", "X=1"),
    ("f() { exit 0; }; f", "f() { return 0; }; f"),
    ("if ask; then return 1; fi", "f() { if [ -f /x ]; then return 1; fi; }; f"),
    ("iptables() { :; }", "echo() { :; }"), ("exec < /dev/null; exec iptables -L", "exec < /dev/null"),
    ("trap 'exit 1' ERR", "trap 'echo failed' ERR"), ("timeout 9 sh -c 'sleep 5'", "timeout 9 sh -c :"),
    ("set -e; local X=1", "set -e; f() { local X=1; }; f"),
    ("set -e; export X = y", "set -e; export X=y"), ("set -e; read 1x < /dev/null", "read x1 < /dev/null"),
    ("UID=5", "USER_ID=5"),
    ("readonly X=1; X=2", "readonly X=1; Y=2"),
    ("cat <<E\nx \\\nE", "cat <<E\nx \\\\\nE"),
    ("cat <<E\nx \\\nE", "cat <<'E'\nx \\\nE"),
    ("trap 'exit 0' CHLD", "trap 'exit 0' TERM"),
    ("FUNCNEST=1", "NEST=1"),
    ("set -e; f() { local -; set +e; }; f; ls /x", "f() { local X; }; f"),
    ("exec >/tmp/none/x; exit", "exec >/tmp/x"),
    ("$NOBODY", "true $NOBODY"), ("if true; then", "if true; then :; fi"),
  ]

  @Test(arguments: before)
  func `what may keep the rules from being made is never clean`(flagged: String, innocent: String) {
    #expect(!Self.isShown(flagged + "\n" + Self.closed).0)
    let (isShown, because) = Self.isShown(innocent + "\n" + Self.closed)
    #expect(isShown, "\(because)")
  }

  /// Ways to make the first rule: the first may not make it, the second does.
  static let making: [(flagged: String, innocent: String)] = [
    ("[ -n x && RULE", "[ -n x ] && RULE"), ("builtin RULE", "command RULE"), ("sudo RULE", "nohup RULE"),
    (":() { RULE; }", "f() { RULE; }; f"), ("function fw::up() { RULE; }", "function fw::up() { RULE; }; fw::up"),
    ("function kill:it { RULE; }", "function kill:it { RULE; }; kill:it"),
    ("fw.up() { RULE; }", "fw.up() { RULE; }; fw.up"),
    ("set -- -P OUTPUT DROP; iptables \"$*\"", "set -- -P OUTPUT DROP; iptables \"$@\""),
    ("A=(-P OUTPUT DROP); iptables \"${A[*]}\"", "A=(-P OUTPUT DROP); iptables \"${A[@]}\""),
    ("A='-P OUTPUT DROP'; iptables \"$A\"", "A=('-P OUTPUT DROP'); iptables ${A[@]}"),
    ("f() { { [ -f /x ] && return 0; true; } && RULE; }; f", "f() { { [ -f /x ] || echo x; true; } && RULE; }; f"),
    ("nohup eval 'RULE'", "eval 'RULE'"), ("(exec eval 'RULE')", "(exec RULE)"), ("env . /x; RULE &", "env RULE"),
    ("sh -c 'iptables \"$@\"' -P OUTPUT DROP", "sh -c 'iptables \"$@\"' x -P OUTPUT DROP"),
    ("/usr/local/bin/RULE", "/usr/sbin/RULE"), ("/bin/RULE", "/sbin/RULE"),
    ("RULE >> /tmp/none/x", "mkdir -p /tmp/none; RULE >> /tmp/none/x"), ("RULE >/dev/tty", "RULE >/dev/null"),
    ("RULE </none", "RULE </dev/null"), ("{ RULE; } 3</none", "{ RULE; } 3>&1"), ("timeout 5 RULE", "time RULE"),
  ]

  @Test(arguments: making)
  func `a rule that may not be made is never clean`(flagged: String, innocent: String) {
    let first = "iptables -P OUTPUT DROP"
    let rest = Self.closed.replacing(first, with: "")
    #expect(!Self.isShown(flagged.replacing("RULE", with: first) + "\n" + rest).0)
    let (isShown, because) = Self.isShown(innocent.replacing("RULE", with: first) + "\n" + rest)
    #expect(isShown, "\(because)")
  }

  @Test func `after a line that is not understood, no finding relies on the rules`() {
    let script = StackAudit.report(
      scripts: [.init(path: "s.sh", target: "", text: "frobnicate\niptables -A OUTPUT -d 9.9.9.9 -j ACCEPT")],
      configs: [])
    #expect(script.findings.isEmpty && script.skipped.map(\.text) == ["frobnicate"])
  }

  /// Programs that only print their arguments.
  private static let printing: Set<String> = [
    "echo", "true", "false", "basename", "dirname", "expr", "seq", "id", "whoami", "uname", "wc", "cut", "tr", "head",
    "cat", "grep", "egrep", "fgrep", "ls", "stat", "readlink", "realpath", "nproc", "jq", "printenv", "md5sum",
    "sha256sum", "base64", "pgrep", "ps", "lsmod", "logger", "mktemp", "[", "test", "which", "df", "free", "arch",
    "dig",
    "nslookup", "host", "getent", "ping", "ping6", "mkdir", "chown", "chgrp", "printf", "sleep", "pwd",
  ]

  /// Any program of this machine, with arguments that name what it may run or write.
  @Test func `a script with any other program is never clean`() throws {
    var names: Set<String> = []
    for folder in ["/usr/bin", "/usr/sbin"] {
      names.formUnion(try FileManager.default.contentsOfDirectory(atPath: folder))
    }
    var count = 0
    for (index, name) in names.subtracting(Self.printing).sorted().enumerated() {
      let arguments = ["--rules /config/x", "-x sh", "'open all'"][index % 3]
      if Self.reading.contains(name), arguments != "--rules /config/x" { continue }
      count += 1
      let host = RulesetTests.host("'/usr/bin/\(name)' \(arguments)")
      let isTold = !host.skipped.isEmpty || !host.refusedCommands.isEmpty
      #expect(isTold, "\(name) \(arguments)")
    }
    #expect(count > 100)
  }

  /// For any program: these words would do harm, or their effect is unknown.
  private static let harmful = [
    "-c", "-e", "-f", "-i", "-o", "-x", "-exec", "-w", "--rules", "sh", "iptables", "iptables -P OUTPUT ACCEPT", "-P",
    "OUTPUT",
    "ACCEPT", "/config/x", "/sbin/iptables", "-F", "flush", "ruleset", "eth0", "down", "name", "$NOBODY",
    "\"$(ls /x)\"", "=", "@x",
  ]

  /// An unknown program of this machine, with any words, in any way in which a script may call it.
  @Test func `a script with one command that is not on the list is never clean`() throws {
    let known = Self.printing.union(Self.reading).union(Self.understood)
    var names: [String] = []
    for folder in ["/usr/bin", "/usr/sbin"] { names += try FileManager.default.contentsOfDirectory(atPath: folder) }
    names = Set(names).subtracting(known).filter { $0.utf8.allSatisfy { $0 > 32 && $0 != 39 } }.sorted()
    var random = SeededGenerator()
    for _ in 0..<400 {
      let name = try #require(names.randomElement(using: &random))
      let words = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        let word = Self.harmful.randomElement(using: &random)!
        return word.hasPrefix("\"") || word.hasPrefix("$") ? word : "'\(word)'"
      }
      let call = (["'\(name)'"] + words).joined(separator: " ")
      let ways = [
        "CALL", "CALL || true", "X=$(CALL)", "if CALL; then :; fi", "f() { CALL; }; f", "true | CALL", "CALL | cat",
        "(CALL)", "{ CALL; } >/dev/null 2>&1", "while CALL; do break; done", "! CALL", "CALL &", "eval \"CALL\"",
        "echo x | xargs CALL", "timeout 5 CALL", "nohup CALL", "env CALL", "command CALL", "cat <<E\n$(CALL)\nE",
        "[ -n \"$(CALL)\" ]", "trap 'exit' EXIT; CALL", "for i in $(CALL); do :; done",
        "sh -c 'X=1; exec \"$@\"' x CALL",
      ]
      let way = ways.randomElement(using: &random)!
      let isFirst = Bool.random(using: &random)
      let line = way.replacing("CALL", with: way.contains("eval") ? call.replacing("\"", with: "\\\"") : call)
      let host = RulesetTests.host(isFirst ? line + "\n" + Self.closed : Self.closed + line)
      #expect(!host.skipped.isEmpty || !host.refusedCommands.isEmpty, "seed \(random.seed): \(line)")
    }
  }

  /// Programs that are known with some words, and refused with others.
  private static let understood: Set<String> = [
    "sh", "bash", "dash", "env", "nice", "nohup", "timeout", "xargs", "sed", "tee", "touch", "rm", "mv", "ln",
    "hostname", "date",
    "uniq", "chmod", "cp", "wget", "kill", "ip", "wg", "wg-quick", "nft", "conntrack", "iptables", "iptables-nft",
    "iptables-legacy", "ip6tables", "ip6tables-nft", "ip6tables-legacy", "iptables-save", "ip6tables-save",
    "iptables-nft-save",
    "iptables-legacy-save", "iptables-restore", "ip6tables-restore", "iptables-nft-restore", "ip6tables-nft-restore",
    "iptables-legacy-restore", "ip6tables-legacy-restore", "type", "time", "sudo", "command",
  ]

  /// With these words they only look, query or refuse.
  private static let reading: Set<String> = [
    "tail", "sort", "hash", "ss", "netstat", "nc", "modprobe", "find", "awk", "gawk", "mawk", "curl", "sysctl",
  ]
}
