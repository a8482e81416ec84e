import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Messages that AmneziaWG has changed, by the parameters that the policy states: bytes in, verdict out.
@Suite struct AmneziaTests {
  static let own = "\(Sample.container):40000"

  static let parameters: AmneziaWG = {
    var amnezia = AmneziaWG()
    amnezia.messages.initiation = .init(padding: 15, headers: 0x1020_3000...0x1020_3FFF)
    amnezia.messages.response = .init(padding: 18, headers: 0x2020_3040...0x2020_3040)
    amnezia.messages.cookie = .init(padding: 0, headers: 77...77)
    amnezia.messages.data = .init(padding: 9, headers: 0xF000_0000...0xFFFF_FFFF)
    amnezia.junkCount = 3
    amnezia.junkLengths = 40...70
    amnezia.imitations = [30]
    return amnezia
  }()

  /// The same where nothing comes before a handshake: the verdict is then final at once.
  static let silent: AmneziaWG = {
    var amnezia = parameters
    amnezia.junkCount = 0
    amnezia.imitations = []
    return amnezia
  }()

  static func policy(_ amnezia: AmneziaWG = parameters, key: [UInt8]? = nil) -> TunnelPolicy {
    AuditTests.policy {
      $0.endpoints = [
        stated(TunnelEndpoint(endpoint(Sample.endpoint), shape: .amneziaWG, publicKey: key, amnezia: amnezia))
      ]
    }
  }

  static func sent(_ payload: [UInt8], from own: String = own) -> SampleFrame {
    SampleFrame(udpPacket(own, Sample.endpoint, payload))
  }

  static let initiation = amnezia(wireGuardInitiation(sender: 7), padding: 15, header: 0x1020_3040)
  static let response = amnezia(wireGuardResponse(sender: 9, receiver: 7), padding: 18, header: 0x2020_3040)
  static let cookie = amnezia([3, 0, 0, 0] + filler(60), padding: 0, header: 77)
  static func data(_ counter: UInt64, length: Int = 96) -> [UInt8] {
    amnezia(wireGuardData(receiver: 9, counter: counter, length: length), padding: 9, header: 0xF00D_CAFE)
  }

  private func alone(_ payload: [UInt8], _ amnezia: AmneziaWG = silent) -> String {
    verdict(udpPacket(Self.own, Sample.endpoint, payload), Self.policy(amnezia))
  }

  @Test func `recognizes each message by length and header`() {
    #expect(alone(Self.initiation) == "tunnel initiation")
    #expect(alone(Self.response) == "tunnel response")
    #expect(alone(Self.cookie) == "tunnel cookie")
    #expect(alone(Self.data(0)) == "tunnel data")
    #expect(alone(Self.data(0, length: 32)) == "tunnel keepalive")
    #expect(alone(Self.data(0, length: 33)) == "tunnel data")
  }

  @Test(
    arguments: [
      (0x1020_2FFF, false), (0x1020_3000, true), (0x1020_3FFF, true), (0x1020_4000, false), (1, false),
      (0x4030_2010, false),
    ] as [(UInt32, Bool)])
  func `accepts a header in its range, little-endian, and no other`(header: UInt32, isMessage: Bool) {
    let message = amnezia(wireGuardInitiation(sender: 7), padding: 15, header: header)
    #expect(alone(message) == (isMessage ? "tunnel initiation" : "leak not-wireguard"))
  }

  @Test func `accepts no other length and no other padding`() {
    for message in [Self.initiation, Self.response, Self.cookie] {
      #expect(alone(message + [0]) == "leak not-wireguard")
      #expect(alone(Array(message.dropLast())) == "leak not-wireguard")
      #expect(alone([0] + message.dropLast()) == "leak not-wireguard")
    }
    #expect(alone(Array(Self.data(0, length: 32).dropLast())) == "leak not-wireguard")
  }

  @Test func `accepts plain WireGuard only if the parameters are WireGuard's own`() {
    for (message, kind) in [
      (WireGuardSample.initiation, "initiation"), (WireGuardSample.response, "response"),
      (WireGuardSample.cookie, "cookie"), (WireGuardSample.data, "data"),
    ] {
      #expect(alone(message) == "leak not-wireguard")
      #expect(alone(message, AmneziaWG()) == "tunnel \(kind)")
    }
    // A header of four bytes leaves no reserved bytes.
    #expect(alone(reserved(WireGuardSample.data), AmneziaWG()) == "leak not-wireguard")
  }

  @Test func `a prefix of a message is not another message`() {
    for (message, kind) in [
      (Self.initiation, "tunnel initiation"), (Self.response, "tunnel response"), (Self.cookie, "tunnel cookie"),
      (Self.data(0), "tunnel data"),
    ] {
      let packet = udpPacket(Self.own, Sample.endpoint, message)
      for count in 20..<packet.count {
        let found = verdict(Array(packet.prefix(count)), Self.policy(Self.silent), original: packet.count)
        #expect([kind, "leak undecodable"].contains(found), "\(kind), \(count) bytes: \(found)")
        // The part of the header after the longest padding decides.
        if count >= 28 + 18 + 4 { #expect(found == kind, "\(count) bytes") }
      }
    }
  }

  @Test func `does not trap on any payload, under any parameters`() {
    var random = SeededGenerator()
    for _ in 0..<2000 {
      var amnezia = Self.silent
      amnezia.messages.data.padding = Int.random(in: 0...65_535, using: &random)
      amnezia.messages.initiation.padding = Int.random(in: 0...65_535, using: &random)
      let payload = filler(Int.random(in: 0...300, using: &random), .random(in: 0 ... .max, using: &random))
      let packet = udpPacket(Self.own, Sample.endpoint, payload)
      let count = Int.random(in: 0...packet.count, using: &random)
      #expect(!verdict(Array(packet.prefix(count)), Self.policy(amnezia), original: packet.count).isEmpty)
    }
  }

  // MARK: Sessions

  private static let key = filler(32, 0x42)
  /// `mac1` over the first 116 bytes under that key, made with Python's hashlib.
  private static let verifiable =
    Array(initiation.prefix(15 + 116)) + hexadecimal("8647d96c02eb8a30a027689c1d20942c") + filler(16, 0)

  private func tunnel(_ frames: [SampleFrame], key: [UInt8]? = nil) -> AuditSummary.Tunnel? {
    var tunnel: AuditSummary.Tunnel?
    _ = audit(frames, Self.policy(key: key)) { tunnel = $0.summary(ConclusionRules()).tunnels.first }
    return tunnel
  }

  @Test func `follows the session behind the padding`() {
    let back = SampleFrame(udpPacket(Sample.endpoint, Self.own, Self.response))
    let up = tunnel([Self.sent(Self.initiation), back, Self.sent(Self.data(0))])
    #expect(up?.tally.state == .up && up?.tally.responses == 1 && up?.grade == .shaped)
    let other = amnezia(wireGuardResponse(sender: 9, receiver: 8), padding: 18, header: 0x2020_3040)
    let foreign = SampleFrame(udpPacket(Sample.endpoint, Self.own, other))
    #expect(tunnel([Self.sent(Self.initiation), foreign])?.tally.state == .handshaking)
    let plain = SampleFrame(udpPacket(Sample.endpoint, Self.own, wireGuardResponse(sender: 9, receiver: 7)))
    #expect(tunnel([Self.sent(Self.initiation), plain])?.tally.state == .handshaking)
  }

  @Test func `verifies the peer by the mac1 of the header that was sent`() {
    let back = SampleFrame(udpPacket(Sample.endpoint, Self.own, Self.response))
    let frames = [Self.sent(Self.verifiable), back, Self.sent(Self.data(0)), Self.sent(Self.data(1))]
    #expect(tunnel(frames, key: Self.key)?.grade == .peerVerified)
    #expect(tunnel(frames, key: filler(32, 0x43))?.grade == .shaped)
    #expect(tunnel(frames, key: filler(32, 0x43))?.tally.foreignInitiations == 1)
  }

  @Test func `counters show which messages a capture missed`() {
    let back = SampleFrame(udpPacket(Sample.endpoint, Self.own, Self.response))
    let sent = ([0, 1, 2, 5, 6, 7] as [UInt64]).map { Self.sent(Self.data($0)) }
    var missed: [UInt64] = []
    _ = audit([Self.sent(Self.initiation), back] + sent, Self.policy()) {
      missed = $0.summary(ConclusionRules()).missedMessages
    }
    #expect(missed == [2])
  }
}
