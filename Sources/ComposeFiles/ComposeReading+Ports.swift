import TextFiles
import Wire

extension ComposeReading {
  /// A port in the long form: `host_ip`, `published`, `target`, `protocol`.
  mutating func port(_ node: ComposeNode) -> ComposeNode? {
    if node.mapping != nil {
      return checkedPort(node)
    }
    guard var text = node.scalar.map({ $0[...] }), !text.isEmpty else {
      report("a port must be a text such as 8080:80/tcp, or a map", at: node.place)
      return nil
    }
    let whole = text
    var fields = ComposeMapping()
    func set(_ name: String, _ value: Substring) {
      fields.set(name, to: ComposeNode(.scalar(String(value)), at: node.place))
    }
    if let slash = text.lastIndex(of: "/") {
      set("protocol", text[text.index(after: slash)...])
      text = text[..<slash]
    }
    // The address before the last two colons may hold colons itself.
    if let colon = text.lastIndex(of: ":") {
      set("target", text[text.index(after: colon)...])
      var rest = text[..<colon]
      if let colon = rest.lastIndex(of: ":") {
        let published = rest[rest.index(after: colon)...]
        rest = rest[..<colon]
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        // An unset variable leaves this empty: then there is no address (nat.ParsePortSpec).
        guard rest.isEmpty || IPAddress(rest.prefix { $0 != "%" }) != nil else {
          report(
            "\(quoted(whole)) has no address before its port; write 127.0.0.1:8080:80 or [::1]:8080:80", at: node.place)
          return nil
        }
        set("host_ip", rest)
        if !published.isEmpty { set("published", published) }
      } else if !rest.isEmpty {
        set("published", rest)
      }
    } else {
      set("target", text)
    }
    return checkedPort(ComposeNode(.mapping(fields), at: node.place))
  }

  private mutating func checkedPort(_ node: ComposeNode) -> ComposeNode? {
    guard let fields = node.mapping else { return nil }
    guard let target = fields["target"]?.scalar else {
      report("a port names no 'target'", at: node.place)
      return nil
    }
    let published = fields["published"]?.scalar
    guard let inside = Self.portRange(target), inside.lowerBound > 0 else {
      report("\(quoted(target)) is not a port of a container; write 1 to 65535", at: node.place)
      return nil
    }
    if let published, !published.isEmpty {
      guard let outside = Self.portRange(published) else {
        report("\(quoted(published)) is not a port of the machine; write 0 to 65535", at: node.place)
        return nil
      }
      guard inside.count == 1 || inside.count == outside.count else {
        report(
          "the ranges \(quoted(published)) and \(quoted(target)) differ in length; make them equal", at: node.place)
        return nil
      }
    }
    let transport = fields["protocol"]?.scalar ?? "tcp"
    guard ["tcp", "udp", "sctp"].contains(transport.lowercased()) else {
      report("\(quoted(transport)) is not a transport; write tcp or udp", at: node.place)
      return nil
    }
    return node
  }

  /// `80` or `80-89`.
  private static func portRange(_ text: String) -> ClosedRange<UInt16>? {
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
      decimal($0, UInt16.self)
    }
    guard let first = ends[0], let last = ends.count > 1 ? ends[1] : first, first <= last else { return nil }
    return first...last
  }

  func ports(of service: ComposeMapping) -> [ComposeService.Port] {
    var ports: [ComposeService.Port] = []
    var known: Set<[String?]> = []
    for node in service["ports"]?.items ?? [] {
      guard let fields = node.mapping, let target = fields["target"]?.scalar else { continue }
      let published = fields["published"]?.scalar.flatMap { $0.isEmpty ? nil : $0 }
      let port = ComposeService.Port(
        hostAddress: fields["host_ip"]?.scalar.flatMap { $0.isEmpty ? nil : $0 }, published: published, target: target,
        transport: fields["protocol"]?.scalar?.lowercased() ?? "tcp", place: node.place)
      // Two files may state the same port.
      guard known.insert([port.hostAddress, port.published, port.target, port.transport]).inserted else { continue }
      ports.append(port)
    }
    return ports
  }
}
