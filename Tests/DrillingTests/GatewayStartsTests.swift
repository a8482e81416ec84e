import Testing

@testable import Drilling

/// When a gateway had been started and had no tunnel, in milliseconds of a drill.
struct GatewayStartsTests {
  private static func gateway(_ process: Int) -> NetworkSearch.Found {
    NetworkSearch.Found(process: process, container: "c", network: "net:[1]")
  }

  private static func windows(_ starts: GatewayStarts) -> [Range<Int64>] {
    starts.windows.map { $0.lowerBound / 1_000_000..<$0.upperBound / 1_000_000 }
  }

  /// What is seen at each moment: the gateway's process, and whether it has its tunnel.
  private static func look(_ starts: inout GatewayStarts, _ seen: [(Int64, Int?, Bool)]) {
    for (moment, process, hasTunnel) in seen {
      starts.look(process.map { [(gateway($0), hasTunnel)] } ?? [], at: moment * 1_000_000)
    }
  }

  @Test func `a start lasts from the last look without it until a second after the tunnel is there`() {
    var starts = GatewayStarts(at: 0)
    Self.look(&starts, [(100, 7, true), (200, nil, false), (300, 8, false), (2300, 8, true), (9000, 8, false)])
    #expect(Self.windows(starts) == [200..<3300])
    // The tunnel that it loses later was taken away, and it is started once more, in the same network.
    Self.look(&starts, [(9100, 9, false), (9500, 9, true)])
    #expect(Self.windows(starts) == [200..<3300, 9000..<10_500])
  }

  @Test func `a gateway that runs when the scenario begins is not started in it`() {
    var starts = GatewayStarts(at: 0)
    Self.look(&starts, [(100, 7, true), (200, 7, false)])
    #expect(starts.windows.isEmpty)
    starts.begin(at: 1_000_000_000)
    Self.look(&starts, [(1100, nil, false), (1200, 8, false), (1300, 8, true)])
    #expect(Self.windows(starts) == [1100..<2300])
  }

  @Test func `a tunnel that never comes is waited for as long as the slowest that came`() {
    var starts = GatewayStarts(at: 0)
    Self.look(&starts, [(100, 7, false), (9000, 7, false)])
    #expect(Self.windows(starts) == [0..<5000])
    Self.look(&starts, [(9100, 8, false), (9500, 8, true), (9600, 9, false), (11_500, 9, true)])
    starts.begin(at: 20_000_000_000)
    Self.look(&starts, [(20_100, 10, false), (30_000, 10, false)])
    #expect(Self.windows(starts) == [20_000..<23_000])
  }
}
