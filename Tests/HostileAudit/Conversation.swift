import Policy
import TestSupport

/// A policy, interfaces and what happens on them, all made from bytes.
struct Conversation {
  let policy: TunnelPolicy
  let infersEndpoints: Bool
  let awaitsBridges: Bool
  /// Documents take longer than the audits, and the page much longer: few conversations are reported.
  let isReported, hasPage: Bool
  /// Interfaces are dealt out to so many sources, which are merged by time.
  let sources: Int
  let interfaces: [HostileInterface]
  let steps: [HostileTraffic.Step]

  /// More would show nothing new and take longer.
  private static let mostSteps = 600

  init(_ bytes: [UInt8]) {
    var choices = ByteChoices(bytes)
    let flags = choices.byte()
    infersEndpoints = flags & 1 == 1
    awaitsBridges = flags & 2 == 2
    isReported = flags >> 4 == 15
    sources = 1 + Int(flags >> 2 & 3) % 3
    let roles = choices.byte()
    hasPage = roles >> 6 == 3
    policy = .hostile(&choices)
    var traffic = HostileTraffic(choices, interfaces: 3)
    interfaces = traffic.linkTypes.enumerated().map { index, linkType in
      let role: InterfaceRole? =
        switch roles >> UInt8(2 * index) & 3 {
        case 0: .bridge
        case 1: .nic
        default: nil
        }
      // Names distinguish interfaces, as an observer sees them.
      return HostileInterface(name: "if\(index)", linkType: linkType, role: role)
    }
    var steps: [HostileTraffic.Step] = []
    while steps.count < Self.mostSteps, let step = traffic.next() { steps.append(step) }
    self.steps = steps
  }

  var frames: Int {
    steps.count {
      if case .frame = $0 { true } else { false }
    }
  }
}
