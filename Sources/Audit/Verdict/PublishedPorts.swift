import Policy
import Wire

/// The ports at which the stack can be reached from outside, on either side of Docker's translation.
struct PublishedPorts: Sendable {
  private struct Ports: Sendable {
    var protocolNumber: IPProtocol
    var range: ClosedRange<UInt16>
  }

  private var ports: [Ports] = []

  var isEmpty: Bool { ports.isEmpty }

  /// A port that is not written as Docker writes it is ignored.
  init(_ published: [PublishedPort]) {
    for port in published {
      let protocolNumber: IPProtocol? =
        switch port.transport {
        case "tcp": .tcp
        case "udp": .udp
        default: nil
        }
      guard let protocolNumber else { continue }
      // The port follows the address, which in IPv6 contains colons itself.
      let outside = port.published.split(separator: ":").last.map(String.init)
      for text in [port.target, outside] {
        guard let range = text.flatMap(Self.range) else { continue }
        ports.append(Ports(protocolNumber: protocolNumber, range: range))
      }
    }
  }

  func contains(_ port: UInt16, _ protocolNumber: IPProtocol) -> Bool {
    ports.contains { $0.protocolNumber == protocolNumber && $0.range.contains(port) }
  }

  /// `80`, or `8000-8010`.
  private static func range(_ text: String) -> ClosedRange<UInt16>? {
    let ends = text.split(separator: "-", maxSplits: 1).map { UInt16($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
    return first...last
  }
}
