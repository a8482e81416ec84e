import Audit
import Policy
package import Summaries
import Text
import Wire

/// The summary in one sentence.
extension Summary {
  /// The conclusion first, then what it rests on.
  package var sentence: String {
    let egress = Formatting.count(egress, "egress frame")
    let inferred = policy.isInferred ? " (\(inference))" : ""
    let span = span.map { " in " + Formatting.duration(nanoseconds: $0) } ?? ""
    switch conclusion {
    case .clean where tunnel == 0:
      return
        "CLEAN\(inferred): no leak seen among \(egress)\(span), but no VPN either: no packet went through the tunnel\(mild)."
    case .clean:
      let sent = tunnelPackets.map { Formatting.count($0, "packet") } ?? "\(Formatting.number(tunnel)) of them"
      return "CLEAN\(inferred): no leak among \(egress)\(span); \(sent) went through the tunnel\(mild)."
    case .leaks:
      let failing = leaks.filter(isFailing)
      return "LEAKS: \(amount(failing).text)\(senders(failing)) left outside the tunnel: "
        + "\(reasons(failing))\(way(failing)).\(when) In frames: \(Formatting.number(failingLeaks)) of \(Formatting.number(self.egress)) egress\(span)\(mild)."
        + (policy.isInferred ? " \(Self.capitalized(inference))." : "")
    case .incomplete:
      let more = incomplete.count > 1 ? " (and \(incomplete.count - 1) more)" : ""
      return "INCOMPLETE\(inferred): no leak seen among \(egress)\(span), but that is no proof that nothing leaked: "
        + "\(Formatting.safe(incomplete.first ?? ""))\(more)\(mild)."
    }
  }

  /// The conclusion again, in a few words.
  var ending: String {
    switch conclusion {
    case .clean: tunnel == 0 ? "CLEAN, but no VPN was seen." : "CLEAN."
    case .leaks: "LEAKS: \(amount(leaks.filter(isFailing)).text) left outside the tunnel."
    case .incomplete:
      "INCOMPLETE: \(Formatting.count(incomplete.count, "reason")) above\(remedies == nil ? "" : ", with what to do")."
    }
  }

  /// ` from wireguard+qbittorrent`: the senders of most packets.
  private func senders(_ failing: [LeakEntry]) -> String {
    var packets: [String: Int] = [:]
    for leak in failing where leak.packets != 0 {
      for sender in leak.senders { packets[sender, default: 0] += leak.packets ?? leak.frames }
    }
    let ranked = packets.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { Formatting.safe($0.key) }
    guard !ranked.isEmpty else { return "" }
    let more = ranked.count > Self.fewSenders ? " and \(ranked.count - Self.fewSenders) more" : ""
    return " from \(ranked.prefix(Self.fewSenders).joined(separator: ", "))\(more)"
  }

  private static var fewSenders: Int { 3 }

  /// `; all left through the NIC`, if the audited interfaces can show it.
  private func way(_ failing: [LeakEntry]) -> String {
    let told = failing.filter { $0.packets != 0 }
    guard leakPackets != nil, !told.isEmpty, told.allSatisfy({ $0.fate != nil }) else { return "" }
    let all = amount(told).count
    let escaped = told.reduce(0) { $0 + $1.escapedPackets }
    if escaped == 0 { return "; none was seen on the NIC" }
    if escaped < all { return "; \(Formatting.number(escaped)) of them left through the NIC" }
    return all == 1 ? "; it left through the NIC" : "; all left through the NIC"
  }

  /// Leaks that do not fail the audit, and why.
  private var mild: String {
    func text(_ leaks: [LeakEntry], _ words: String) -> String {
      let amount = amount(leaks)
      return amount.count == 0 ? "" : "; \(amount.text) \(words)"
    }
    let told = leaks.filter { isInformational($0) && !$0.isApart }
    let below = leaks.filter { !isFailing($0) && !$0.isApart && !isInformational($0) }
    let harmless = amount(told)
    let fails = "\(harmless.count == 1 ? "does" : "do") not fail the audit"
    let mildest =
      harmless.count == 0
      ? "" : "; \(Formatting.count(harmless.count, "harmless \(harmless.isFrames ? "frame" : "packet")")) \(fails)"
    return text(below, "below severity \(failOn.rawValue)") + mildest
      + text(leaks.filter(\.isApart), "of \(scope == .host ? "the stack" : "the host itself"), which is not judged")
  }

  /// Where the Endpoints that nobody stated come from.
  private var inference: String {
    // Older summaries only have the text of the origin.
    let inferred = policy.endpoints.filter { $0.source == .inferred || $0.origin.hasPrefix("inferred from") }
      .map(\.value.coded)
    let listed = policy.endpoints.filter { $0.source == .listed }.map(\.value.coded)
    var words: [String] = []
    if !inferred.isEmpty { words.append("policy inferred: Endpoint \(few(inferred)) by its handshakes") }
    if !listed.isEmpty {
      let names = Set((policy.endpointLists ?? []).map { Self.listName($0.value) }).sorted().joined(separator: ", ")
      words.append("Endpoint \(few(listed)) from \(Formatting.safe(names))")
    }
    if !words.isEmpty { return words.joined(separator: "; ") }
    return tunnelStates.isEmpty
      ? "policy inferred: no handshake seen, so no Endpoint known" : "policy inferred: no Endpoint is certain"
  }

  /// The list's name: in `gluetun's list of servers: 512 servers of mullvad`, the part before the colon.
  private static func listName(_ statement: String) -> String { String(statement.prefix { $0 != ":" }) }

  private func few(_ endpoints: [String]) -> String {
    let more = endpoints.count > 3 ? " and \(endpoints.count - 3) more" : ""
    return endpoints.prefix(3).joined(separator: ", ") + more
  }

  /// ` Sent after the tunnel's last packet.` The windows hold all leaks. If some leaks do not fail the audit, the time
  /// is only stated when a single window holds everything.
  private var when: String {
    let windows = namedWindows
    if windows.count == 1 {
      return windows[0].name == Self.noHandshake
        ? " \(Self.capitalized(Self.noHandshake))." : " Sent \(windows[0].name)."
    }
    guard windows.count > 1, leaks.allSatisfy(isFailing) else { return "" }
    let parts = windows.map { name, window in
      "\(amount(of: window).text) " + (name == Self.noHandshake ? "before any handshake was seen" : name)
    }
    return " Sent: \(parts.joined(separator: ", "))."
  }

  private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  /// `2 icmp, 1 dns (example.org A)`, the most frequent first.
  private func reasons(_ failing: [LeakEntry]) -> String {
    var kinds: [String: (packets: Int, names: [String])] = [:]
    for leak in failing {
      // Names count even if only the side that is not counted has shown them.
      var kind = kinds[leak.reason.rawValue] ?? (0, [])
      kind.packets += leak.packets ?? leak.frames
      for name in leak.questions.map(\.coded) where kind.names.count <= Self.fewNames && !kind.names.contains(name) {
        kind.names.append(name)
      }
      kinds[leak.reason.rawValue] = kind
    }
    let ranked = kinds.filter { $0.value.packets > 0 }.sorted {
      ($1.value.packets, $0.key) < ($0.value.packets, $1.key)
    }
    let more = ranked.count > Self.fewReasons ? " and \(ranked.count - Self.fewReasons) more kinds" : ""
    return ranked.prefix(Self.fewReasons).map { reason, kind in
      "\(Formatting.number(kind.packets)) \(Formatting.safe(reason))\(Self.listed(kind.names))"
    }.joined(separator: ", ") + more
  }

  /// ` (example.org A and others)`.
  private static func listed(_ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    let more = names.count > fewNames ? " and others" : ""
    return " (\(names.prefix(fewNames).map(Formatting.safe).joined(separator: ", "))\(more))"
  }

  private static var fewNames: Int { 2 }
  private static var fewReasons: Int { 5 }
}

extension Summary.LeakEntry {
  /// The leak's owner, or the addresses it came from.
  var senders: [String] {
    switch origin {
    case .host: ["the host itself"]
    case .bridge, nil: sources.map(\.description)
    case .containers: [origin?.coded ?? ""]
    }
  }
}
