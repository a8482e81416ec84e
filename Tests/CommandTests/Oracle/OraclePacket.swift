/// The outermost IP packet of a frame, from tshark's fields.
struct OraclePacket {
  enum Transport { case udp, tcp, icmp, other, unknown }

  let source, destination: OracleAddress
  let destinationText: String
  let time: Double
  let transport: Transport
  let isFirstFragment, isLaterFragment: Bool
  let fragmentKey: [String]
  private(set) var sourcePort, destinationPort: Int?
  /// The length of UDP's payload as its length field says.
  private(set) var datagramLength: Int?
  /// The payload's first four bytes in hexadecimal digits, where they were captured.
  private(set) var payloadBeginning: String?
  private(set) var isICMPError = false
  /// Protocol, addresses, ports; empty where they are not all known.
  private(set) var flow: [String] = []
  private(set) var reversedFlow: [String] = []
  /// The flow that an ICMP error is about.
  private(set) var quotedFlow: [String]?

  private static let extensions = ["ipv6.hopopts", "ipv6.dstopts", "ipv6.routing", "ipv6.fraghdr", "ah"]

  /// Nil where the frame has no IP header, or not all of it.
  init?(_ frame: TsharkFrame) {
    let layers = frame.layers
    guard let outer = layers.firstIndex(where: { $0 == "ip" || $0 == "ipv6" }) else { return nil }
    let family = layers[outer]
    guard let sourceText = frame["\(family).src"].first, let destinationText = frame["\(family).dst"].first,
      let source = OracleAddress(sourceText), let destination = OracleAddress(destinationText)
    else { return nil }
    self.source = source
    self.destination = destination
    self.destinationText = destinationText
    time = Double(frame["frame.time_epoch"].first ?? "") ?? 0

    let above = layers[(outer + 1)...]
    let upper = above.first { !Self.extensions.contains($0) }
    let hasFragmentHeader = family == "ipv6" && above.prefix { Self.extensions.contains($0) }.contains("ipv6.fraghdr")
    let offset = family == "ip" ? frame.number("ip.frag_offset") : frame.number("ipv6.fraghdr.offset")
    let more = family == "ip" ? frame["ip.flags.mf"].first : frame["ipv6.fraghdr.more"].first
    let canFragment = family == "ip" || hasFragmentHeader
    isLaterFragment = canFragment && (offset ?? 0) > 0
    isFirstFragment = canFragment && (offset ?? 0) == 0 && (more == "1" || more == "True")
    let identification = family == "ip" ? frame["ip.id"].first : frame["ipv6.fraghdr.ident"].first
    fragmentKey = [
      sourceText, destinationText, identification ?? "", family == "ip" ? frame["ip.proto"].first ?? "" : "",
      frame["frame.interface_id"].first ?? "",
    ]

    switch upper {
    case "udp" where !isLaterFragment: transport = .udp
    case "tcp" where !isLaterFragment: transport = .tcp
    case "icmp" where !isLaterFragment, "icmpv6" where !isLaterFragment: transport = .icmp
    // The chain of headers is cut: tshark names the last one, and nothing above it.
    case nil where above.last.map(Self.extensions.contains) == true: transport = .unknown
    default: transport = .other
    }
    readTransport(frame, family: family, upper: upper ?? "")
    let protocolName = Self.protocolNumber(frame, family: family, above: above)
    let ports = (sourcePort.map(String.init) ?? "", destinationPort.map(String.init) ?? "")
    // If ports or an identifier were not captured, the flow is not known, and nothing counts as its answer.
    let needsPorts = ["6", "17", "1", "58"].contains(protocolName)
    if transport != .unknown, !needsPorts || destinationPort != nil {
      flow = [protocolName, sourceText, destinationText, ports.0, ports.1]
      reversedFlow = [protocolName, destinationText, sourceText, ports.1, ports.0]
    }
    if isICMPError { quotedFlow = Self.quoted(frame, family: family, above: above) }
  }

  private mutating func readTransport(_ frame: TsharkFrame, family: String, upper: String) {
    switch transport {
    case .udp, .tcp:
      if transport == .tcp, isFirstFragment, Self.upperLength(frame, family: family) < 20 { return }
      sourcePort = frame.number("\(upper).srcport")
      destinationPort = frame.number("\(upper).dstport")
      guard transport == .udp, destinationPort != nil, let length = frame.number("udp.length") else { return }
      // A length beyond the packet's own counts as none; offloaded packets have 0 in IP and are as long as captured.
      if !isFirstFragment, let total = frame.number("ip.len"), total > 0, family == "ip",
        length > total - (frame.number("ip.hdr_len") ?? 20)
      {
        return
      }
      guard length >= 8 else { return }
      datagramLength = length - 8
      if let payload = frame["udp.payload"].first, payload.count >= 8 { payloadBeginning = String(payload.prefix(8)) }
    case .icmp:
      let type = frame.number("\(upper).type") ?? 0
      isICMPError = (upper == "icmp" ? [3, 4, 5, 11, 12] : [1, 2, 3, 4]).contains(type)
      guard (upper == "icmp" ? [0, 8] : [128, 129]).contains(type) else { return }
      sourcePort = Int(Self.identifier(frame[upper == "icmp" ? "icmp.ident" : "icmpv6.echo.identifier"])[0])
      destinationPort = sourcePort
    default: return
    }
  }

  /// What a first fragment holds above IP, by its length fields: too little for a TCP header is no header at all
  /// (RFC 1858), whatever tshark makes of it.
  private static func upperLength(_ frame: TsharkFrame, family: String) -> Int {
    family == "ip"
      ? (frame.number("ip.len") ?? 0) - (frame.number("ip.hdr_len") ?? 0) : (frame.number("ipv6.plen") ?? 0) - 8
  }

  /// Of the header that follows the last extension header. `outer` are the layers of the packet around this one.
  private static func protocolNumber(
    _ frame: TsharkFrame, family: String, above: ArraySlice<String>, outer: ArraySlice<String> = []
  ) -> String {
    let depth = outer.isEmpty ? 0 : 1
    func value(_ name: String, _ position: Int) -> String {
      frame[name].indices.contains(position) ? frame[name][position] : ""
    }
    let chain = above.prefix { extensions.contains($0) }
    guard let last = chain.last else { return value(family == "ip" ? "ip.proto" : "ipv6.nxt", depth) }
    let position = outer.count { $0 == last } + chain.count { $0 == last } - 1
    return value(last == "ah" ? "ah.next_header" : "\(last).nxt", position)
  }

  private static func quoted(_ frame: TsharkFrame, family: String, above: ArraySlice<String>) -> [String]? {
    guard let inner = above.firstIndex(of: family) else { return nil }
    let (sources, destinations) = (frame["\(family).src"], frame["\(family).dst"])
    // An error is sent to the source of the packet that it quotes (RFC 792, RFC 4443 section 2.2).
    guard sources.count > 1, destinations.count > 1, sources[1] == destinations[0] else { return nil }
    let rest = above[(inner + 1)...]
    let number = protocolNumber(frame, family: family, above: rest, outer: above[..<inner])
    var ports = ["", ""]
    switch rest.first(where: { !extensions.contains($0) }) {
    case let upper? where upper == "udp" || upper == "tcp":
      ports = [frame["\(upper).srcport"].first ?? "", frame["\(upper).dstport"].first ?? ""]
    case "icmp": ports = identifier(frame["icmp.ident"])
    case "icmpv6": ports = identifier(frame["icmpv6.echo.identifier"])
    default: break
    }
    return [number, sources[1], destinations[1]] + ports
  }

  private static func identifier(_ values: [String]) -> [String] {
    guard let value = values.first else { return ["", ""] }
    let number = value.hasPrefix("0x") ? Int(value.dropFirst(2), radix: 16) : Int(value)
    return [String](repeating: number.map(String.init) ?? "", count: 2)
  }
}
