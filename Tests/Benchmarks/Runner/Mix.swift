import TestSupport
import Wire

/// A row of the table: what traffic, and where it is seen.
struct Mix {
  let name: String
  let layout: Layout
  /// How many frames are enough for a stable figure.
  let frames: Int
  /// Whether frames carry VLAN tags, which shift every offset of a filter.
  var hasTags = false
  /// The generator's: rows of the table are the same each time.
  var seed: UInt64 = 0x6C65_616B
  /// Writes about so many frames.
  let write: (_ traffic: inout Traffic, _ frames: Int) throws -> Void

  static func all(seed: UInt64) -> [Mix] {
    [
      Mix(name: Layout.bridge.tunnelRow, layout: .bridge, frames: 6_000_000, write: tunnel),
      Mix(name: Layout.bridgeAndNIC.tunnelRow, layout: .bridgeAndNIC, frames: 2_000_000, write: tunnel),
      Mix(name: Layout.all.tunnelRow, layout: .all, frames: 2_000_000, write: tunnel),
      Mix(name: "local-flows", layout: .bridge, frames: 2_000_000, write: localFlows),
      Mix(name: "leak-flow", layout: .bridge, frames: 300_000) { try leakFlows(&$0, $1, flows: 1) },
      Mix(name: "leak-flows", layout: .bridge, frames: 300_000) { try leakFlows(&$0, $1, flows: 1000) },
      Mix(name: "dns-name", layout: .bridge, frames: 400_000, write: oneName),
      Mix(name: "dns-names", layout: .bridge, frames: 300_000, write: newNames),
      Mix(name: "new-tcp", layout: .bridge, frames: 200_000) { traffic, frames in
        try repeatedly(&traffic, frames) { traffic throws(Failure) in try traffic.openTCP() }
      },
      Mix(name: "new-udp", layout: .bridge, frames: 200_000) { traffic, frames in
        try repeatedly(&traffic, frames) { traffic throws(Failure) in try traffic.openUDP() }
      },
      Mix(name: "mixed", layout: .bridge, frames: 800_000, hasTags: true, write: mixed),
      RandomMix(seed: seed).mix,
    ]
  }

  /// A tunnel is set up, which also shows whose MAC address is whose; then the same is repeated until there are enough
  /// frames.
  static func repeatedly(
    _ traffic: inout Traffic, _ frames: Int, _ step: (inout Traffic) throws(Failure) -> Void
  ) throws(Failure) {
    try traffic.shakeHands()
    while traffic.counts.frames < frames { try step(&traffic) }
  }

  /// One tunnel, both ways.
  private static func tunnel(_ traffic: inout Traffic, _ frames: Int) throws(Failure) {
    try repeatedly(&traffic, frames) { traffic throws(Failure) in
      try traffic.tunnel(isSent: traffic.below(2) == 0, blocks: traffic.below(12))
    }
  }

  /// 1000 conversations of containers with each other, interleaved.
  private static func localFlows(_ traffic: inout Traffic, _ frames: Int) throws(Failure) {
    var streams = (0..<1000).map { number in
      let station = UInt8(16 + number % 20)
      return Stream(
        Ends(
          source: Ends.container(station), destination: Ends.container(station + 20),
          sourcePort: UInt16(40_000 + number), destinationPort: number % 2 == 0 ? 9090 : 5432, station: station),
        number % 4 == 3 ? .datagrams : .plain, .local, peer: station + 20)
    }
    try repeatedly(&traffic, frames) { traffic throws(Failure) in
      try traffic.advance(&streams[traffic.below(1000)], length: traffic.below(160), answers: 2)
    }
  }

  /// Conversations past the tunnel, interleaved: uploads in full packets, with one answer in 16.
  private static func leakFlows(_ traffic: inout Traffic, _ frames: Int, flows: Int) throws(Failure) {
    var streams = (0..<flows).map { leakStream($0) }
    try repeatedly(&traffic, frames) { traffic throws(Failure) in
      try traffic.advance(&streams[traffic.below(flows)], length: 1400, answers: 16)
    }
  }

  static func leakStream(_ number: Int, isIPv6: Bool = false) -> Stream {
    let contents: [(Stream.Content, UInt16)] = [(.tls, 443), (.bitTorrent, 6881), (.http, 80), (.datagrams, 51413)]
    let (content, port) = contents[number % 4]
    return Stream(
      Ends(
        source: Ends.container(2, isIPv6: isIPv6), destination: Ends.outside(UInt64(number), isIPv6: isIPv6),
        sourcePort: UInt16(40_000 + number % 20_000), destinationPort: port), content, .leak)
  }

  private static func oneName(_ traffic: inout Traffic, _ frames: Int) throws(Failure) {
    try repeatedly(&traffic, frames) { traffic throws(Failure) in try traffic.ask("tracker.leak.example") }
  }

  private static func newNames(_ traffic: inout Traffic, _ frames: Int) throws(Failure) {
    try repeatedly(&traffic, frames) { traffic throws(Failure) in
      try traffic.ask("\(String(traffic.random.next(), radix: 36)).leak.example")
    }
  }
}
