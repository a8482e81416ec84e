/// Whether there is a kill switch at all, and from when to when: scripts, hooks and their ends.
extension StackFault {
  static let ofTheStart: [Self] = [
    noKillSwitch, killSwitchInPostUp, preDownRemovesKillSwitch, preDownDeletesScriptRule, confRefused,
    errexitBeforeKillSwitch, waitsBeforeKillSwitch,
  ]

  package static let noKillSwitch = Self(
    "no-kill-switch",
    title: "no kill switch",
    consequence: "whenever the tunnel is down, every packet leaves in clear, from your own address",
    fix:
      "refuse what does not leave through the tunnel, in a start-up script that runs before it comes up; with gluetun, remove "
      + "the line",
    reference: "linuxserver/docker-wireguard#139; ilteoood/docker-surfshark#48")

  package static let killSwitchInPostUp = Self(
    "kill-switch-in-postup",
    title: "the kill switch is only in wg-quick's hooks",
    consequence:
      "every packet leaves in clear until wg-quick is done, and forever if it refuses the configuration",
    fix:
      "move the rules to a start-up script in /custom-cont-init.d, which runs before wg-quick, even if that fails",
    reference: "wg-quick(8); linuxserver/docker-wireguard#318")

  package static let preDownRemovesKillSwitch = Self(
    "predown-removes-kill-switch",
    title: "a hook of wg-quick removes the kill switch",
    consequence: "after wg-quick down, and so during each restart, every packet leaves in clear",
    fix: "remove the hook, so that the rules outlive the tunnel",
    reference: "wg-quick(8), PreDown and PostDown")

  package static let preDownDeletesScriptRule = Self(
    "predown-deletes-script-rule",
    title: "a hook deletes the start-up script's own rule",
    consequence:
      "iptables -D deletes the first rule with the same text, whoever made it: after wg-quick down the kill switch is gone",
    fix: "remove the hook from the configuration",
    reference: "iptables(8), -D")

  package static let confRefused = Self(
    "conf-refused",
    title: "wg-quick will refuse the configuration",
    consequence: "no tunnel comes up, and the container keeps running as the start-up scripts left it",
    fix: "correct the line, and test with wg-quick strip",
    reference: "wg-quick(8); wg(8), CONFIGURATION FILE FORMAT")

  package static let errexitBeforeKillSwitch = Self(
    "errexit-before-kill-switch",
    title: "under set -e a failing command ends the script before the kill switch",
    consequence: "if the command fails, the rules after it are never made, and the container starts without them",
    fix: "make the refusing rules first, or add '|| true' to commands that may fail",
    reference: "bash(1), set -e")

  package static let waitsBeforeKillSwitch = Self(
    "waits-before-kill-switch",
    title: "the script waits before the kill switch is there",
    consequence: "while it waits, every packet leaves in clear; forever, if what it waits for never comes",
    fix: "make the refusing rules first, and wait after that",
    reference: "bash(1), Compound Commands; sleep(1)")
}
