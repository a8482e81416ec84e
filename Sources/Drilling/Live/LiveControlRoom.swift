import Foundation
import Glibc
import Text

/// Two network namespaces for the control of a running stack's drill: a bridge that leads nowhere, and behind it a
/// "container" without a kill switch. Nothing of the user's is in them. They end with their last process.
///
/// `unsafe` for pipe(2). Sound: the array outlives the call and has its two elements.
final class LiveControlRoom: Machine {
  static let bridge = "br-drill"

  private let host: LiveHost
  private let keeper: RunningCommand
  /// The reading and the writing end of the keeper's standard input.
  let standstill: Int32
  private let lifeline: Int32
  private let process: Int
  /// Where attempts are made.
  let consumer: NetworkSearch.Found

  /// Arguments: the container's address with its prefix length, its router, and the bridge's name.
  private static let script = """
    set -euo pipefail
    ip link set lo up
    ip link add "$3" type bridge
    ip address add "$2/${1#*/}" dev "$3"
    ip link set "$3" up
    exec 3< <(exec unshare --net bash -c 'echo $$; while read -r _; do :; done' <&0)
    read -r consumer <&3
    ip link add veth-drill type veth peer name eth0 netns "$consumer"
    ip link set veth-drill master "$3" up
    inside() { nsenter --net="/proc/$consumer/ns/net" -- "$@"; }
    inside ip link set lo up
    inside ip address add "$1" dev eth0
    inside ip link set eth0 up
    inside ip route add default via "$2"
    echo "room $consumer"
    while read -r _; do :; done
    """

  init(beside stack: LiveStack) throws(DrillProblem) {
    host = stack.host
    // The stack's own addresses: for them its policy was made.
    guard let place = stack.plan.gateway.place else {
      throw DrillProblem(.failed, "the gateway has no IPv4 address and router, which the control needs")
    }
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw DrillProblem(.failed, "no pipe can be made: \(SystemError.message(errno))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (standstill, lifeline) = (ends[0], ends[1])
    keeper = try host.start(
      "room",
      ["unshare", "--net", "bash", "-c", Self.script, "room", place.address, place.router, Self.bridge],
      input: standstill)
    process = Int(keeper.number)
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      try DrillStop.check()
      let words = host.log("room").split(separator: " ")
      if words.count == 2, words[0] == "room", let number = Int(words[1]) {
        consumer = .init(process: number, container: "", network: "control")
        return
      }
      guard .now < deadline, keeper.status == nil else {
        throw DrillProblem(.failed, "no namespaces can be made here: \(host.log("room"))")
      }
      usleep(20_000)
    }
  }

  func end() {
    close(lifeline)
    close(standstill)
    keeper.wait(within: .seconds(5))
  }

  var folder: String { host.folder }
  var program: String { host.program }
  var environment: [String: String] { host.environment }
  func outside(_ path: String) -> String { path }
  func words(_ words: [String]) -> [String] { ["nsenter", "--net=/proc/\(process)/ns/net", "--"] + words }
  func lasting(_ words: [String]) -> [String] { host.lasting(self.words(words)) }
  func container(inGroups text: String) -> String? { nil }
}
