/// When the gateway was started in a scenario, and how long it had no tunnel then.
///
/// The moment at which a firewall is there cannot be seen without asking it, in every kind of table, many times a second.
/// The tunnel's interface can: start-up scripts make their rules before it, and a PostUp soon after.
struct GatewayStarts {
  /// All moments are nanoseconds since the epoch.
  private struct Start {
    var gateway: NetworkSearch.Found
    var begin: Int64
    var tunnelSeen: Int64?
  }

  private var starts: [Start] = []
  /// The gateways that are not being started: they had their tunnel when they were first seen.
  private var old: Set<NetworkSearch.Found> = []
  /// From the start of a gateway to its tunnel, the slowest that there was so far.
  private var slowest: Int64 = 4_000_000_000
  private var hasSeenTunnel = false
  private var lastLook: Int64

  /// How long wg-quick works on an interface before its PostUp is done.
  private static let slack: Int64 = 1_000_000_000

  init(at now: Int64) { lastLook = now }

  /// Begins a scenario.
  mutating func begin(at now: Int64) {
    starts = []
    old = []
    lastLook = now
  }

  /// To be called often.
  ///
  /// - Parameters:
  ///   - gateways: those that run now, and whether each has its tunnel's interface.
  ///   - now: before it was looked.
  mutating func look(_ gateways: [(found: NetworkSearch.Found, hasTunnel: Bool)], at now: Int64) {
    for (gateway, hasTunnel) in gateways where !old.contains(gateway) {
      if let index = starts.firstIndex(where: { $0.gateway == gateway }) {
        guard hasTunnel, starts[index].tunnelSeen == nil else { continue }
        starts[index].tunnelSeen = now
        let length = now - starts[index].begin
        slowest = hasSeenTunnel ? max(slowest, length) : length
        hasSeenTunnel = true
      } else if hasTunnel {
        old.insert(gateway)
      } else {
        // It may have run since the last look.
        starts.append(Start(gateway: gateway, begin: lastLook))
      }
    }
    lastLook = now
  }

  /// The times from a start to the tunnel. One that never comes is waited for as long as the slowest that came.
  var windows: [Range<Int64>] {
    starts.map { $0.begin..<($0.tunnelSeen ?? $0.begin + slowest) + Self.slack }
  }
}
