import Foundation
import Glibc
import PolicyFiles
import Processes
import Synchronization
import Text
import Wire

/// All that a drill of a running stack changes of this machine: one table of nftables, whose owner is a process that ends
/// with the drill. The kernel removes the table then, and lets nobody else change it (nft(8), `flags owner`).
///
///     from the Endpoint --> [silence] --> the machine's firewall --> [behind: received] --> gateway
///     to the Endpoint   <-- the machine's firewall <-- [before: sent, errors] <-- gateway
///
/// It counts what goes through the tunnel, and the ICMP errors to the Endpoint; and while the Endpoint is to be silent, it
/// drops what comes from it for the gateway. Nothing else is dropped.
///
/// `unsafe` for pipe(2) and write(2). Sound: what they are given outlives the calls and comes with its length.
final class LiveTable: Sendable {
  private let machine: any Machine
  private let name: String
  private let owner: RunningCommand
  /// The writing end of the owner's standard input.
  private let input: Int32
  private let endpoints: [IPAddress]
  private let port: UInt16
  private let counted = Mutex(Counted())

  struct Counts: Equatable, Sendable {
    /// WireGuard's messages with data: those from the Endpoint that were let through, and those to it.
    var received, sent: Int
    /// ICMP errors to the Endpoint.
    var errors: Int
  }

  private struct Counted {
    var at: ContinuousClock.Instant?
    var counts: Counts?
    var exchanges = Exchanges()
    /// Whether there was a time that cannot be told from a silent tunnel.
    var hasGap = false
  }

  /// How often something went through the tunnel in both ways. An Endpoint goes on sending when the tunnel is gone at this
  /// end, and this end when the Endpoint is: one way alone is no tunnel.
  struct Exchanges: Equatable, Sendable {
    private(set) var count = 0
    private var last: Counts?
    private var hasReceived = false
    private var hasSent = false

    mutating func take(_ counts: Counts) {
      if let last {
        if counts.received != last.received { hasReceived = true }
        if counts.sent != last.sent { hasSent = true }
      }
      last = counts
      guard hasReceived, hasSent else { return }
      count += 1
      (hasReceived, hasSent) = (false, false)
    }
  }

  /// nft(8) is asked as often as this.
  private static let pause = Duration.milliseconds(100)
  private static let longestPause = Duration.seconds(1)
  private static let patience = Duration.seconds(5)

  /// - Parameters:
  ///   - name: of the table; letters, digits and underscores.
  ///   - networks: those that the gateway is in: an address and a prefix length each.
  init(
    _ machine: any Machine, name: String, endpoints: [IPAddress], port: UInt16,
    networks: [(address: IPAddress, length: Int)]
  ) throws(DrillProblem) {
    (self.machine, self.name, self.endpoints, self.port) = (machine, name, endpoints, port)
    // An owner that ends at once is told of below.
    _ = signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw DrillProblem(.failed, "no pipe can be made: \(SystemError.message(errno))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    input = ends[1]
    defer { close(ends[0]) }
    do throws(DrillProblem) {
      // An interactive nft writes a history into its user's home.
      owner = try RunningCommand(
        ["env", "HOME=/dev/null", "nft", "--interactive"], environment: machine.environment,
        input: .descriptor(ends[0]))
    } catch {
      close(input)
      throw error
    }
    say(Self.rules(name: name, endpoints: endpoints, port: port, networks: networks))
    let deadline = ContinuousClock.now + Self.patience
    while counts() == nil {
      guard .now < deadline, owner.status == nil else {
        end()
        throw DrillProblem(.missing, "nftables makes no table with an owner: it needs nft 1.0 and Linux 5.12")
      }
      usleep(50_000)
    }
  }

  /// The kernel removes the table with its owner.
  func end() {
    close(input)
    if !owner.wait(within: .seconds(2)) { owner.signal(SIGKILL) }
    owner.wait(within: .seconds(2))
  }

  /// A line for each command: the owner reads them one by one.
  static func rules(
    name: String, endpoints: [IPAddress], port: UInt16, networks: [(address: IPAddress, length: Int)]
  ) -> [String] {
    var lines = [
      "add table inet \(name) { flags owner; }", "add counter inet \(name) received", "add counter inet \(name) sent",
      "add counter inet \(name) errors",
      // Before the machine's own rules, and behind them.
      "add chain inet \(name) silence { type filter hook forward priority filter - 1; policy accept; }",
      "add chain inet \(name) before { type filter hook forward priority filter - 2; policy accept; }",
      "add chain inet \(name) behind { type filter hook forward priority filter + 1; policy accept; }",
    ]
    for endpoint in endpoints {
      for network in networks where network.address.isIPv4 == endpoint.isIPv4 {
        let (family, icmp) = endpoint.isIPv4 ? ("ip", "icmp") : ("ip6", "icmpv6")
        let prefix = "\(network.address)/\(network.length)"
        // A message's type and three reserved bytes (WireGuard's paper, 5.4.6).
        lines.append(
          "add rule inet \(name) behind \(family) saddr \(endpoint) \(family) daddr \(prefix) udp sport \(port) "
            + "@th,64,32 0x04000000 counter name received")
        lines.append(
          "add rule inet \(name) before \(family) saddr \(prefix) \(family) daddr \(endpoint) udp dport \(port) "
            + "@th,64,32 0x04000000 counter name sent")
        lines.append(
          "add rule inet \(name) before \(family) saddr \(prefix) \(family) daddr \(endpoint) "
            + "\(icmp) type destination-unreachable counter name errors")
      }
    }
    return lines
  }

  /// Drops what comes from the Endpoint for these addresses, or nothing any more. Returns when it is so.
  func silence(_ gateway: [IPAddress]) throws(DrillProblem) {
    var lines = ["flush chain inet \(name) silence"]
    for endpoint in endpoints {
      let family = endpoint.isIPv4 ? "ip" : "ip6"
      for address in gateway where address.isIPv4 == endpoint.isIPv4 {
        lines.append(
          "add rule inet \(name) silence \(family) saddr \(endpoint) \(family) daddr \(address) udp sport \(port) drop")
      }
    }
    say(lines)
    let deadline = ContinuousClock.now + Self.patience
    while true {
      let text = try machine.demand("nft list chain", ["nft", "list", "chain", "inet", name, "silence"])
      // As many rules as were asked for.
      if text.split(separator: "\n").count(where: { $0.hasSuffix(" drop") }) == lines.count - 1 { return }
      guard .now < deadline else { throw DrillProblem(.failed, "nftables does not do what the drill wants") }
      usleep(20_000)
    }
  }

  /// Nil if it cannot be said now.
  func counts() -> Counts? { look { $0.counts } }

  /// Nil if it cannot be said now.
  func exchanges() -> Int? { look { $0.counts == nil ? nil : $0.exchanges.count } }

  /// Whether it could not be counted all the time since this was asked last.
  func hadGap() -> Bool {
    counted.withLock { counted in
      defer { counted.hasGap = false }
      return counted.hasGap
    }
  }

  private func look<T: Sendable>(_ answer: (borrowing Counted) -> T?) -> T? {
    counted.withLock { counted in
      if let at = counted.at {
        guard .now >= at + Self.pause else { return answer(counted) }
        if .now > at + Self.longestPause { counted.hasGap = true }
      }
      let outcome = try? machine.run(["nft", "list", "counters", "table", "inet", name], within: .seconds(5))
      counted.at = .now
      counted.counts = outcome.flatMap { $0.succeeded ? Self.counts(in: $0.output) : nil }
      if let counts = counted.counts { counted.exchanges.take(counts) } else { counted.hasGap = true }
      return answer(counted)
    }
  }

  /// Reads what `nft list counters` says.
  static func counts(in text: String) -> Counts? {
    var found: [String: Int] = [:]
    var name = ""
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.first == "counter", words.count > 1 { name = String(words[1]) }
      if words.first == "packets", words.count > 1, let packets = Int(words[1]) { found[name] = packets }
    }
    guard let received = found["received"], let sent = found["sent"], let errors = found["errors"] else { return nil }
    return Counts(received: received, sent: sent, errors: errors)
  }

  private func say(_ lines: [String]) {
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    // It is far less than a pipe holds. If its reader is gone, what it was to do is missed by whoever waits for it.
    _ = unsafe Glibc.write(input, bytes, bytes.count)
  }
}
