import TestSupport
import Wire

/// A mix that is in no table: shares, lengths, numbers of flows, layout and forms of packets come from a seed.
struct RandomMix {
  private enum Kind: Int, CaseIterable {
    case tunnel, local, lan, leakFlows, name, newNames, newTCP, newUDP, ping, arp

    /// The row of the table whose frames are most like it.
    var row: String {
      switch self {
      case .tunnel: "tunnel"
      case .local, .lan, .arp: "local-flows"
      case .leakFlows, .ping: "leak-flows"
      case .name: "dns-name"
      case .newNames: "dns-names"
      case .newTCP: "new-tcp"
      case .newUDP: "new-udp"
      }
    }
  }

  static var name: String { "random" }

  let seed: UInt64
  private let layout: Layout
  /// Of each kind, in packets of their sum.
  private var shares: [(kind: Kind, share: Int)] = []
  private let flows: Int
  private let length: Int
  /// Percentages of packets that could be so.
  private let answered: Int
  private let ipv6: Int
  private let tagged: Int
  private let fragmented: Int

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
    self.seed = seed
    layout = Layout.allCases[below(3)]
    flows = 1 << below(12)
    length = [64, 160, 600, 1300][below(4)]
    answered = [0, 10, 50][below(3)]
    ipv6 = [0, 10, 50][below(3)]
    // tcpdump knows no tags in a cooked capture.
    tagged = layout == .all ? 0 : [0, 5, 50][below(3)]
    fragmented = [0, 0, 2, 20][below(4)]
    // Some kinds are common, some are missing, most are rare.
    for kind in Kind.allCases { shares.append((kind, 1 << below(11) - 1)) }
  }

  var mix: Mix {
    Mix(name: Self.name, layout: layout, frames: 300_000, hasTags: tagged > 0, seed: seed) {
      try write(&$0, $1)
    }
  }

  /// What the mix consists of, for a reader of the table.
  var description: String {
    let sum = max(1, shares.reduce(0) { $0 + $1.share })
    let parts = shares.map { "\($0.kind) \($0.share * 100 / sum) %" }.joined(separator: ", ")
    return "seed \(seed): \(layout), \(parts); \(flows) flows, up to \(length) bytes, answers \(answered) %, "
      + "IPv6 \(ipv6) %, tags \(tagged) %, fragments \(fragmented) %"
  }

  /// From one container to another.
  private func insideStream(_ number: Int) -> Stream {
    let peer = UInt8(120 + number % 100)
    return Mix.local(
      UInt8(16 + number % 100), Ends.container(peer, isIPv6: number % 100 < ipv6), UInt16(1024 + number),
      Self.content(number), peer: peer)
  }

  /// From a container to a machine beside the host.
  private static func lanStream(_ number: Int) -> Stream {
    Mix.local(
      UInt8(16 + number % 100), IPAddress(v4: 0xC0A8_0120 + UInt32(number % 64)), UInt16(1024 + number),
      content(number))
  }

  private static func content(_ number: Int) -> Stream.Content { number % 3 == 0 ? .datagrams : .plain }

  /// The expected CPU time if each frame costs as much as in its own row and each finding as much as a new one, plus
  /// the extra cost of its layout for the tunnel; nil if a row was not measured. In seconds, as is `costs`.
  func expected(_ counts: TrafficCounts, findings: Int, _ costs: [String: Double]) -> Double? {
    guard let start = costs[Startup.name], let finding = costs[NewFinding.name] else { return nil }
    var sum = start + finding * Double(findings)
    for kind in Kind.allCases {
      guard let cost = costs[kind.row] else { return nil }
      sum += cost * Double(counts.parts[kind.rawValue])
    }
    guard let plain = costs["tunnel"], let own = costs[layout.tunnelRow] else { return nil }
    return sum + max(0, own - plain) * Double(counts.frames)
  }

  private func write(_ traffic: inout Traffic, _ frames: Int) throws(Failure) {
    let sum = max(1, shares.reduce(0) { $0 + $1.share })
    // A stream keeps its family; a percentage is IPv6.
    var leaks = (0..<flows).map { Mix.leakStream($0, isIPv6: $0 % 100 < ipv6) }
    var inside = (0..<flows).map(insideStream)
    var lan = (0..<flows).map(Self.lanStream)
    traffic.setParts(Kind.allCases.count)
    let answers = answered == 0 ? 0 : 100 / answered
    if tagged > 0 {
      traffic.isTagged = true
      try traffic.shakeHands()
      traffic.isTagged = false
    }
    try Mix.repeatedly(&traffic, frames) { traffic throws(Failure) in
      traffic.isTagged = traffic.below(100) < tagged
      let flow = traffic.below(flows)
      let isIPv6 = traffic.below(100) < ipv6
      let isFragmented = traffic.below(100) < fragmented
      var choice = traffic.below(sum)
      let chosen = shares.first {
        choice -= $0.share
        return choice < 0
      }
      let kind = chosen?.kind ?? .tunnel
      traffic.part = kind.rawValue
      switch kind {
      case .tunnel: try traffic.tunnel(isSent: traffic.below(100) >= answered, blocks: traffic.below(length / 16))
      case .local: try traffic.advance(&inside[flow], length: traffic.below(length), answers: answers)
      case .lan where isFragmented && lan[flow].content == .datagrams:
        try traffic.fragments(lan[flow].ends, .local, length: length)
      case .lan: try traffic.advance(&lan[flow], length: traffic.below(length), answers: answers)
      case .leakFlows where isFragmented && leaks[flow].content == .datagrams:
        try traffic.fragments(leaks[flow].ends, .leak, length: length)
      case .leakFlows: try traffic.advance(&leaks[flow], length: traffic.below(length), answers: answers)
      case .name: try traffic.ask("tracker.leak.example", isIPv6: isIPv6, isAnswered: traffic.below(100) < answered)
      case .newNames: try traffic.ask("\(String(traffic.random.next(), radix: 36)).leak.example", isIPv6: isIPv6)
      case .newTCP: try traffic.openTCP(isIPv6: isIPv6)
      case .newUDP: try traffic.openUDP(isIPv6: isIPv6)
      case .ping: try traffic.ping(leaks[flow].ends, .leaving, .leak, length: length)
      case .arp: try traffic.askARP(16, for: 120)
      }
    }
  }
}
