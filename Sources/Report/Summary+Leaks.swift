import Audit
import Policy
import Summaries
import Text

/// A leak in words.
extension Summary.LeakEntry {
  /// `by wireguard+qbittorrent; escaped: it left through the NIC`.
  var whose: String? {
    let owner: String? =
      switch origin {
      case .host: "by the host itself"
      case .bridge, nil: nil
      case .containers: "by \(Formatting.safe(origin?.coded ?? ""))"
      }
    let course: String? =
      switch fate {
      case .attempted: "attempted: not seen on the NIC"
      case .escaped: "escaped: it left through the NIC"
      case nil: nil
      }
    let parts = [owner, sentByWords, course].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// `sent by qbittorrent (curl, pid 812), prowlarr (an unknown process) and others`.
  private var sentByWords: String? {
    guard let sentBy else { return nil }
    return "sent by " + naming(LeakSenderEntry.sentences(sentBy).map(Formatting.safe), of: [.sentBy])
  }

  /// The names in a row, with a note if one of `lists` is not complete.
  func naming(_ names: [String], of lists: [Summary.Names]) -> String {
    let isAbridged = lists.contains(where: abridged.contains)
    if names.isEmpty { return isAbridged ? "what was not captured" : "" }
    return names.joined(separator: ", ") + (isAbridged ? " and others" : "")
  }

  /// ` (frame 5)`, if it is known.
  var frameWords: String { firstFrame.map { " (frame \($0))" } ?? "" }

  /// What the leak says in clear: its questions, and the other names in it.
  var names: [String] { questions.map(\.coded) + details.map(\.sentence) }

  /// `to 192.0.2.1 udp 53`.
  var target: String {
    guard let destination else {
      return reason == .undecodable ? "no IP header" : "to other destinations"
    }
    let parts = ["to", destination.coded, self.protocol?.coded, port.map(String.init)].compactMap(\.self)
    return Formatting.safe(parts.joined(separator: " "))
  }
}

/// When the leaks happened, relative to the tunnel's own packets.
extension Summary {
  static var noHandshake: String { "no handshake of a tunnel was seen" }

  var hasHandshake: Bool { tunnelStates.contains { $0.firstHandshake != nil } }

  /// The windows that have leaks, with their names.
  var namedWindows: [(name: String, window: Window)] {
    let start = hasHandshake ? "before the tunnel's first handshake" : Self.noHandshake
    let windows: [(name: String, window: Window?)] = [
      (start, leakWindows.beforeHandshake), ("while the tunnel was up", leakWindows.whileUp),
      ("between a tunnel packet and the next handshake", leakWindows.beforeNewHandshake),
      ("after the tunnel's last packet", leakWindows.afterLast),
    ]
    return windows.compactMap { name, window in
      window.flatMap { $0.frames > 0 ? (name, $0) : nil }
    }
  }
}

extension Summary {
  /// Leaks of a window. If it only has a count of frames but all leaks are in this window, the packets of all leaks are
  /// taken.
  func amount(of window: Window) -> PacketCount {
    if let packets = window.packets { return PacketCount(count: packets, isFrames: false) }
    return namedWindows.count == 1 ? amount(leaks) : PacketCount(count: window.frames, isFrames: true)
  }
}

extension Summary.Window {
  var nanoseconds: Int64 { Int64(exactly: (milliseconds * 1_000_000).rounded()) ?? .max }
}
