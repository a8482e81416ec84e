public import Wire

/// Frames that the auditor's own program sent to itself, to prove that the instrument sees (`--control`).
///
/// Recognised by their addresses, which nothing else uses, and by a random nonce in the payload; a frame that only looks
/// like one is audited like any other. They may be sent more than once.
public struct ControlExpectation: Sendable {
  /// What came of one interface's control frame.
  public struct Outcome: Sendable {
    public let interface: Int
    public var verdict: Verdict?
  }

  private let source: IPAddress
  private let destination: IPAddress
  /// The UDP payload of the frames.
  private let payload: [UInt8]
  public private(set) var outcomes: [Outcome]

  /// The payload must hold a nonce that nobody else can know; all audited `interfaces` are expected to show it.
  public init(source: IPAddress, destination: IPAddress, payload: [UInt8], interfaces: [Int]) {
    self.source = source
    self.destination = destination
    self.payload = payload
    outcomes = interfaces.map { Outcome(interface: $0, verdict: nil) }
  }

  var isPending: Bool { outcomes.contains { $0.verdict == nil } }

  /// The position of the outcome that the frame belongs to.
  func position(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int) -> Int? {
    guard packet.network == .ip, packet.destination == destination, packet.source == source,
      packet.protocolNumber == .udp, packet.transport == .header,
      let position = outcomes.firstIndex(where: { $0.interface == interface })
    else { return nil }
    let bytes = packet.payload(frame)
    guard bytes.byteCount == payload.count, payload.indices.allSatisfy({ bytes.uint8(at: $0) == payload[$0] }) else {
      return nil
    }
    return position
  }

  mutating func note(_ verdict: Verdict, at position: Int) { outcomes[position].verdict = verdict }
}

extension Auditor {
  /// From now on awaits control frames. They are in no class: nobody's traffic.
  public mutating func expect(_ control: ControlExpectation) { self.control = control }

  public var controlOutcomes: [ControlExpectation.Outcome] { control?.outcomes ?? [] }

  public var awaitsControl: Bool { control?.isPending == true }

  /// Takes a control frame out of the audit. False for any other.
  mutating func takeControl(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int
  ) -> Bool {
    guard let position = control?.position(packet, frame, interface: interface) else { return false }
    let decision = classifier.classify(packet, frame, at: Place(interface, interfaces[interface].role))
    control?.note(decision.verdict, at: position)
    return true
  }
}
