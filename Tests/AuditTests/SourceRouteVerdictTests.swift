import Policy
import TestSupport
import Testing
import Wire

/// A packet with a source route goes to each of its hops: the worst verdict counts (CONTRACT 2).
@Suite struct SourceRouteVerdictTests {
  private static func frame(
    from source: String = "172.18.0.2", to destination: String = "192.168.1.9", via hops: [String]? = nil,
    fragment: Fragmentation? = nil
  ) -> SampleFrame {
    var route: [UInt8] = []
    if let hops {
      route = [131, UInt8(3 + 4 * hops.count), 4]
      for hop in hops { route += octets(address(hop)) }
    }
    let isLater = (fragment?.offset ?? 0) > 0
    return SampleFrame(
      ipv4(
        from: address(source), to: address(destination), .udp, isLater ? filler(40) : udp(4000, 9999, filler(40)),
        options: route, fragment: fragment))
  }

  private static let first = Fragmentation(offset: 0, more: true, identification: 7)
  private static let later = Fragmentation(offset: 48, more: false, identification: 7)

  private static func verdicts(_ frames: [SampleFrame]) -> [String] { audit(frames, roles: [.bridge]) }

  @Test func `a local packet leaks by a hop off the premises`() {
    #expect(Self.verdicts([Self.frame()]) == ["local undeclared"])
    #expect(Self.verdicts([Self.frame(via: ["10.0.0.1"])]) == ["local undeclared"])
    #expect(Self.verdicts([Self.frame(via: ["10.0.0.1", "198.51.100.7"])]) == ["leak other"])
  }

  @Test func `each fragment leaks by its own route, also where its first is known`() {
    let head = Self.frame(fragment: Self.first)
    #expect(Self.verdicts([head, Self.frame(fragment: Self.later)]) == ["local undeclared", "local undeclared"])
    for hop in ["198.51.100.7", "89.44.10.178"] {
      let routed = Self.frame(via: [hop], fragment: Self.later)
      #expect(Self.verdicts([head, routed]) == ["local undeclared", "leak fragment"], "\(hop)")
      #expect(Self.verdicts([routed]) == ["leak fragment"], "\(hop)")
    }
  }

  @Test func `a fragment that comes in leaks nowhere`() {
    func incoming(_ fragment: Fragmentation, via hops: [String]?) -> SampleFrame {
      Self.frame(from: "198.51.100.9", to: "172.18.0.2", via: hops, fragment: fragment)
    }
    let frames = [incoming(Self.first, via: nil), incoming(Self.later, via: ["198.51.100.7"])]
    #expect(Self.verdicts(frames) == ["ingress", "ingress"])
  }
}
