import Foundation
import Glibc
import TestNeeds
import TestSupport
import Testing

/// `check --rehearse`: the scripts are run, and the kernel's own rules are checked.
@Suite struct RehearsalTests {
  private static let closed = """
    iptables -P OUTPUT DROP; iptables -A OUTPUT -o lo -j ACCEPT; iptables -A OUTPUT -o wg0 -j ACCEPT
    iptables -A OUTPUT -m mark --mark 0xca6c -j ACCEPT; ip6tables -P OUTPUT DROP

    """
  private static let config = """
    [Interface]
    PrivateKey = mLLr9+ZVDWK4/wCMi4KHL9/lWfUEFHK61CK6vqg+g1A=
    Address = 10.64.114.74/32
    DNS = 10.64.0.1
    [Peer]
    PublicKey = Nnqj12O/vvfkbsFIJOAq9N2ccF01vgJ2A4Y42a2sOw8=
    AllowedIPs = 0.0.0.0/0, ::/0
    Endpoint = 203.0.113.178:51820

    """

  private static func check(
    _ script: String, hooks: String = "", _ options: String...
  ) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let config = Self.config.replacing("[Peer]", with: hooks + "[Peer]")
    let configPath = try directory.file("wg0.conf", Array(config.utf8))
    _ = unsafe chmod(configPath, 0o600)
    let path = try directory.file("up.sh", Array(("#!/bin/bash\n" + script).utf8))
    return try Command.run(["check", "--script", path, "--wg-config", configPath] + options)
  }

  private static let nothing = "scripts and hooks were run once, in a sandbox: nothing got out past the tunnel"

  private static let hidden = "python3 -c 'import os; os.system(\"%s\")'\n"

  @Test(.needs(.root, .namespaces, .netfilter))
  func `the rehearsal runs what reading cannot follow, and finds what that opens`()
    throws
  {
    let line = Self.hidden.replacing("%s", with: Self.closed.replacing("\n", with: ";").replacing("; ;", with: ";"))
      .replacing(";;", with: ";")
    let read = try Self.check(line)
    #expect(read.status == 3, "\(read.output)")
    let run = try Self.check(line, "--rehearse")
    // One run on this machine proves nothing about the image.
    #expect(run.status == 3, "\(run.output)")
    #expect(run.words.contains(Self.nothing))
    let open = try Self.check(
      Self.closed + Self.hidden.replacing("%s", with: "iptables -I OUTPUT -p udp --dport 53 -j ACCEPT"), "--rehearse")
    #expect(open.status == 1)
    #expect(open.words.contains("'-A OUTPUT -p udp -m udp --dport 53 -j ACCEPT' lets out"), "\(open.output)")
  }

  @Test(.needs(.root, .namespaces, .netfilter)) func `hooks run around a stand-in tunnel, as wg-quick runs them`()
    throws
  {
    // The mark is asked of wg, and what PreDown opens is found.
    let close =
      "PostUp = iptables -I OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -j DROP; ip6tables -P OUTPUT DROP\n"
    let open = "PreDown = python3 -c 'import os; os.system(\"iptables -F OUTPUT\")'\n"
    let both = try Self.check(Self.closed, hooks: close + open, "--rehearse")
    #expect(both.status == 3 && both.words.contains(Self.nothing), "the script's default refuses on: \(both.output)")
    let alone = try Self.check("true", hooks: close + open, "--rehearse")
    #expect(alone.status == 1 && alone.words.contains("[kill-switch-in-postup]"), "\(alone.output)")
    #expect(alone.words.contains("[predown-removes-kill-switch]"), "\(alone.output)")
  }

  @Test(
    .needs(.root, .namespaces, .netfilter),
    arguments: [
      ("s6-setuidgid abc true", "s6-setuidgid: the image's own program is not here"),
      ("while :; do sleep 0.1; done", "the scripts take longer than"),
    ])
  func `an unsettled question is never clean`(line: String, reason: String) throws {
    let result = try Self.check(Self.closed + line + "\n", "--rehearse")
    #expect(result.status == 3, "\(result.output)")
    #expect(result.output.replacing("\n      ", with: ": ").contains(reason), "\(result.output)")
  }

  @Test(
    .needs(.root, .namespaces, .netfilter),
    arguments: [
      "if [ -f /etc/alpine-release ]; then python3 -c 'import os; os.system(\"iptables -P OUTPUT ACCEPT\")'; fi",
      "[ -f /etc/alpine-release ] && P=ACCEPT || P=DROP; iptables -P OUTPUT $P",
      "(sleep 300; iptables -P OUTPUT ACCEPT) &",
    ])
  func `a branch that the run does not take is never clean`(line: String) throws {
    let result = try Self.check(Self.closed + line + "\n", "--rehearse")
    #expect(result.status == 1 || result.status == 3, "\(result.output)")
  }

  @Test(.needs(.root, .namespaces, .netfilter)) func `output of a script in the sandbox's name is bounded`() throws {
    // pidfd_getfd(2) takes the first process's own pipe.
    let line = """
      python3 -c 'import ctypes, os; pipe = ctypes.CDLL(None).syscall(438, os.pidfd_open(1), 3, 0); \
      os.write(pipe, b"".join(b"missing m%d\\n" % n for n in range(3000)))'

      """
    let result = try Self.check(Self.closed + line, "--rehearse")
    let told = result.output.replacing("\n      ", with: ": ")
    #expect(result.status == 3 && told.contains("m1: the image's own program"), "\(result.output)")
    #expect(result.output.split(separator: "\n").count < 1000)
  }

  @Test(.needs(.root, .namespaces, .netfilter)) func `a script cannot get out of the sandbox`() throws {
    let directory = try TemporaryDirectory()
    let outside = directory.url.appending(path: "outside").path
    // Each that succeeds opens the rules, which is then a finding.
    let attempts = [
      "echo x >\(outside)", "touch /usr/bin/leakaudit-was-here", "cat /etc/shadow | grep -q root",
      "ls /home /var/lib | grep -q .",
      "test -S /run/docker.sock -o -S /var/run/docker.sock", "kill -0 \(getpid())", "ip link | grep -q NO-SUCH",
      "mount -o remount,rw /usr && touch /usr/leakaudit-was-here", "chroot /proc/1/root ls \(directory.url.path)",
      "grep -r mLLr9+ZV / --include=*.conf -q", "mknod /tmp/disk b 8 0 && head -c 1 /tmp/disk",
      "echo 1 >/proc/sys/kernel/sysrq", "hostname leaked && test -e \(directory.url.path)",
    ]
    let script = attempts.enumerated().map { number, line in
      "if \(line); then iptables -I OUTPUT -p tcp --dport \(number + 1) -j ACCEPT; fi 2>/dev/null"
    }.joined(separator: "\n")
    let result = try Self.check(Self.closed + script + "\n", "--rehearse")
    #expect(
      result.words.contains(Self.nothing) && !result.words.contains("-save of the rehearsal"), "\(result.output)")
    #expect(!FileManager.default.fileExists(atPath: outside))
  }

  @Test(.needs(.root, .namespaces, .netfilter)) func `the sandbox has the project's files, but not its keys`() throws {
    let directory = try TemporaryDirectory()
    let script = """
      . /custom-cont-init.d/lib/rules
      close_everything
      grep -q mLLr9+ZV /config/wg_confs/wg0.conf && iptables -I OUTPUT -j ACCEPT
      test "$LAN" = 192.168.1.0/24 || iptables -I OUTPUT -j ACCEPT

      """
    func write(_ name: String, _ text: String, _ mode: mode_t) throws {
      let url = directory.url.appending(path: name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
      _ = unsafe chmod(url.path, mode)
    }
    try write("init/close.sh", "#!/bin/bash\n" + script, 0o755)
    try write("init/lib/rules", "close_everything() {\n\(Self.closed)}\n", 0o600)
    try write("config/wg_confs/wg0.conf", Self.config, 0o600)
    try write(
      "compose.yaml",
      """
      services:
        vpn:
          image: lscr.io/linuxserver/wireguard
          cap_add: [NET_ADMIN]
          sysctls: {net.ipv4.conf.all.src_valid_mark: 1}
          dns: 10.64.0.1
          environment: {LAN: 192.168.1.0/24}
          volumes: [./init:/custom-cont-init.d:ro, ./config:/config]

      """, 0o644)
    let file = directory.url.appending(path: "compose.yaml").path
    let result = try Command.run(["check", "--compose", file, "--rehearse"])
    #expect(
      result.words.contains(Self.nothing) && !result.words.contains("-save of the rehearsal"), "\(result.output)")
    let read = try Command.run(["check", "--compose", file])
    #expect(result.status == 1 && read.status == 1 && read.words.contains("[may-be-open]"), "\(read.output)")
  }
}
