import Wire

/// Describes a packet's headers in words, for a reason.
extension DecodedPacket {
  /// Whether the packet has known ports, and not an ICMP identifier.
  var showsPorts: Bool { hasPorts && !isICMP }

  /// Whether a port belongs to DNS, mDNS or LLMNR.
  var isOfNames: Bool {
    showsPorts && [53, 5353, 5355].contains { (port: UInt16) in sourcePort == port || destinationPort == port }
  }

  /// `udp 172.18.0.2:4242 -> 198.51.100.7:53`, `icmp 172.18.0.2 -> 198.51.100.7`.
  var passage: String {
    var name = transport == .unknownProtocol ? "" : "\(protocolNumber) "
    if transport == .header, isICMP, ICMPType.isEcho(flagsOrType, protocolNumber) { name += "id \(sourcePort) " }
    guard showsPorts else { return "\(name)\(source) -> \(destination)" }
    return
      "\(name)\(Endpoint(address: source, port: sourcePort)) -> \(Endpoint(address: destination, port: destinationPort))"
  }

  /// `udp port 53`, `icmp`.
  func transportWords(port: UInt16) -> String {
    if transport == .unknownProtocol { return "a protocol that cannot be read" }
    if showsPorts { return "\(protocolNumber) port \(port)" }
    let hasPortsElsewhere = protocolNumber == .udp || protocolNumber == .tcp
    return hasPortsElsewhere ? "\(protocolNumber) whose ports cannot be read" : "\(protocolNumber)"
  }
}
