import Wire

/// A lane of the timeline: its states, and from when to when each held.
struct StateLane {
  /// A state, and from when to when it held.
  struct Part {
    var state: State
    var from, to: Timestamp
  }

  enum State: String, CaseIterable {
    case seen, lossy, blind, unknown, tunnel, silent, leak, mild

    /// The state's words in the legend.
    var words: String {
      switch self {
      case .seen: "seen"
      case .lossy: "seen, but frames were lost, nobody knows when"
      case .blind: "could not see: the interface was gone, or no audit covers the time"
      case .unknown: "not known: nothing says whether it was captured then"
      case .tunnel: "packets into the tunnel"
      case .silent: "no packet into the tunnel"
      case .leak: "leaks"
      case .mild: "packets outside the VPN that do not fail the audit"
      }
    }

    /// The name of one part with this state.
    var name: String {
      switch self {
      case .seen: "seen"
      case .lossy: "seen, with losses"
      case .blind: "could not see"
      case .unknown: "not known"
      case .tunnel: "tunnel"
      case .silent: "no tunnel packet"
      case .leak: "leaks"
      case .mild: "outside the VPN, not failing"
      }
    }

    /// The distance from the lane's top, and the height, for a lane 20 units high.
    private var place: (top: Int, height: Int) {
      switch self {
      case .seen: (8, 4)
      case .lossy: (6, 8)
      case .unknown: (10, 0)
      case .blind, .leak: (2, 16)
      case .tunnel, .silent, .mild: (4, 12)
      }
    }

    /// States differ in shape, not only in colour.
    func shape(x: String, width: String, top: Int, _ title: String = "") -> String {
      let (offset, height) = place
      guard self == .unknown else {
        return
          "<rect class=\"state state-\(rawValue)\" x=\"\(x)\" y=\"\(top + offset)\" width=\"\(width)\" height=\"\(height)\">"
          + "\(title)</rect>"
      }
      return "<path class=\"state state-unknown\" d=\"M\(x) \(top + offset)h\(width)\">\(title)</path>"
    }
  }

  var name: String
  var parts: [Part]
  /// The number of parts that are left out because they are too short to be drawn.
  var hidden = 0

  /// Adjacent parts with the same state become one.
  mutating func add(_ state: State, from: Timestamp, to: Timestamp) {
    guard from < to || from == to && [.seen, .lossy].contains(state) else { return }
    if let last = parts.last, last.state == state, last.to >= from {
      parts[parts.count - 1].to = max(last.to, to)
    } else {
      parts.append(Part(state: state, from: from, to: to))
    }
  }
}
