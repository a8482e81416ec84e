public import Wire

/// Frames that the auditor's own program sends to itself, to prove that the interfaces are seen (`--control`).
///
/// Only the exact frame counts: each has a nonce of its own, which nobody knows before it is sent, and is recognised
/// byte for byte, from the sender's MAC address, going out, once on each interface (a bridge forwards it to its ports).
/// Anything else that looks like it is audited like any other frame: a container sees the frames on its bridge, and can
/// send copies.
public struct ControlExpectation: Sendable {
  /// The result of one interface's control frame.
  public struct Outcome: Sendable {
    public let interface: Int
    /// The verdict that it would have had from any other sender.
    public var verdict: Verdict?
  }

  /// A frame that was sent, as it will be captured.
  private struct Sent: Sendable {
    let packet: [UInt8]
    let source: MACAddress?
    let interface: Int
    /// The interfaces that showed it.
    var interfaces: [Int] = []
  }

  /// How many of the latest frames are remembered: a frame is captured at once, or not at all.
  private static let limit = 1024

  private let source: IPAddress
  private let destination: IPAddress
  private var sent: [Sent] = []
  public private(set) var outcomes: [Outcome]

  /// All audited `interfaces` should show a control frame.
  public init(source: IPAddress, destination: IPAddress, interfaces: [Int]) {
    self.source = source
    self.destination = destination
    outcomes = interfaces.map { Outcome(interface: $0, verdict: nil) }
  }

  var isPending: Bool { outcomes.contains { $0.verdict == nil } }

  mutating func expect(_ packet: [UInt8], from source: MACAddress?, on interface: Int) {
    if sent.count >= Self.limit { sent.removeFirst() }
    sent.append(Sent(packet: packet, source: source, interface: interface))
  }

  /// Whether a packet has the addresses of the control frames.
  func mayBe(_ packet: DecodedPacket) -> Bool { packet.destination == destination && packet.source == source }

  /// Whether the frame is one that was sent, and this interface shows it for the first time. A second time it is not.
  mutating func accept(_ seen: borrowing Sighting, _ verdict: Verdict) -> Bool {
    guard seen.packet.network == .ip, seen.packet.destination == destination, seen.packet.source == source,
      seen.frame.recordDirection == .outgoing,
      let position = position(seen), !sent[position].interfaces.contains(seen.interface)
    else { return false }
    sent[position].interfaces.append(seen.interface)
    if sent[position].interface == seen.interface,
      let outcome = outcomes.firstIndex(where: { $0.interface == seen.interface })
    {
      outcomes[outcome].verdict = verdict
    }
    return true
  }

  private func position(_ seen: borrowing Sighting) -> Int? {
    let bytes = seen.frame.bytes.extracting(droppingFirst: Int(seen.packet.networkOffset))
    guard seen.frame.originalLength <= seen.frame.bytes.byteCount else { return nil }
    let source = seen.link?.source
    for position in sent.indices {
      let own = sent[position]
      if own.source == source, bytes.byteCount == own.packet.count,
        own.packet.indices.allSatisfy({ bytes.uint8(at: $0) == own.packet[$0] })
      {
        return position
      }
    }
    return nil
  }
}

extension Auditor {
  /// Expects control frames from now on. They count as ingress where they come in, and elsewhere as allowed by
  /// `--control`.
  public mutating func expect(_ control: ControlExpectation) { self.control = control }

  /// Notes that a control frame was sent: an IP packet, from a MAC address if the link has any.
  public mutating func expectControl(_ packet: [UInt8], from source: MACAddress?, on interface: Int) {
    control?.expect(packet, from: source, on: interface)
  }

  public var controlOutcomes: [ControlExpectation.Outcome] { control?.outcomes ?? [] }

  public var awaitsControl: Bool { control?.isPending == true }
}
