import Foundation
import Synchronization
import Testing

/// One frame as tshark dissects it: fields by name, each with all its occurrences, outermost first.
struct TsharkFrame {
  private static let names = [
    "frame.number", "frame.len", "frame.cap_len", "frame.protocols", "frame.time_epoch", "frame.interface_id",
    "eth.src", "eth.dst", "sll.src.eth", "tcp.flags", "eth.type", "vlan.etype",
    "sll.etype", "llc.dsap",
    "ppp.protocol", "ip.src", "ip.dst", "ip.proto", "ip.len", "ip.hdr_len", "ip.id", "ip.flags.mf",
    "ip.frag_offset", "ipv6.plen", "ipv6.src", "ipv6.dst", "ipv6.fraghdr.offset", "ipv6.fraghdr.more",
    "ipv6.fraghdr.ident", "udp.srcport", "udp.dstport", "udp.length", "udp.payload", "udp.checksum", "tcp.srcport",
    "tcp.dstport",
    "icmp.type", "icmp.ident", "icmpv6.type", "icmpv6.echo.identifier", "dns.qry.name", "ipv6.nxt",
    "ipv6.hopopts.nxt", "ipv6.dstopts.nxt", "ipv6.routing.nxt", "ipv6.fraghdr.nxt", "ah.next_header",
  ]

  private let fields: [String: [String]]

  /// The layers' names, outermost first.
  var layers: [String] { self["frame.protocols"].first?.split(separator: ":").map(String.init) ?? [] }

  subscript(name: String) -> [String] { fields[name] ?? [] }

  func number(_ name: String) -> Int? { self[name].first.flatMap { Int($0) } }

  private static let committed = Mutex<[String: [Self]]>([:])

  /// The frames of a committed capture, which several tests look at.
  static func dissectOnce(_ path: String) throws -> [Self] {
    if let frames = committed.withLock({ $0[path] }) { return frames }
    let frames = try dissect(path)
    committed.withLock { $0[path] = frames }
    return frames
  }

  /// Reassembly is off: each frame is judged by what it carries itself.
  static func dissect(_ path: String) throws -> [Self] {
    var arguments = ["-n", "-r", path, "-T", "fields"]
    for format in ["separator=/t", "occurrence=a", "aggregator=;"] { arguments += ["-E", format] }
    for preference in ["ip.defragment", "ipv6.defragment", "tcp.desegment_tcp_streams"] {
      arguments += ["-o", "\(preference):FALSE"]
    }
    arguments += names.flatMap { ["-e", $0] }
    let result = try RunningCommand(URL(filePath: "/usr/bin/env"), ["tshark"] + arguments).wait()
    // A cut file ends tshark with an error too, but not without the frames before.
    try #require(!result.output.isEmpty, "tshark: \(result.errors)")
    // tshark shows a custom block as a frame of bare "data", without a link layer.
    return result.output.split(separator: "\n").map { Self(line: $0) }.filter { $0.layers != ["data"] }
  }

  private init(line: Substring) {
    let values = line.split(separator: "\t", omittingEmptySubsequences: false)
    fields = Dictionary(
      uniqueKeysWithValues: zip(Self.names, values).map { name, value in
        (name, value.split(separator: ";").map(String.init))
      })
  }

  /// Whether capturing stopped in or right after the extension headers: tshark then names no layer above them,
  /// whether or not the last of them is complete.
  var endsInExtensionHeaders: Bool {
    let isCut = (number("frame.cap_len") ?? 0) < (number("frame.len") ?? 0)
    return isCut && layers.last.map { $0.hasPrefix("ipv6.") } == true
  }
}
