/// What a generator knows about its own traffic, to compare with what the programs say.
struct TrafficCounts: Equatable {
  var frames = 0
  /// Frames that the C walk counts as tunnel: to the Endpoint, over IPv4 without a VLAN tag.
  var plainTunnel: [Int] = []
  var perFile: [Int] = []
  var tunnel = 0
  var local = 0
  var leak = 0
  var ingress = 0
  /// For a mix of several kinds, in the order of `Traffic.part`.
  var parts: [Int] = []

  var classes: [(name: String, frames: Int)] {
    [("frames", frames), ("tunnel", tunnel), ("local", local), ("leak", leak), ("ingress", ingress), ("allowed", 0)]
  }
}

/// What an egress packet is (CONTRACT 1).
enum Egress {
  case tunnel, local, leak
}
