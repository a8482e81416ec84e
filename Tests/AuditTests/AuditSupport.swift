import Audit
import PacketFilter
import Policy
import TestSupport
import Testing
import Wire

/// What the tests' policies share: the addresses in the contract's examples.
enum Sample {
  static let endpoint = "89.44.10.178:51820"
  static let endpoint6 = "[2001:db8:44::178]:51820"
  static let tunnelAddress = "10.66.5.6"
  static let tunnelAddress6 = "fc00:bbbb::5:6"
  static let tunnelResolver = "10.64.0.1"
  static let resolver = "9.9.9.9"
  static let container = "172.18.0.2"
  static let container6 = "fd00:18::2"
}

/// A policy with one endpoint in each family, tunnel addresses and both kinds of resolver, then modified.
func policy(_ change: (inout TunnelPolicy) -> Void = { _ in }) -> TunnelPolicy {
  var policy = TunnelPolicy()
  policy.endpoints = [Sample.endpoint, Sample.endpoint6].map { stated(TunnelEndpoint(endpoint($0))) }
  policy.tunnelAddresses = [Sample.tunnelAddress, Sample.tunnelAddress6].map { stated(address($0)) }
  policy.tunnelResolvers = [stated(address(Sample.tunnelResolver))]
  policy.resolvers = [stated(address(Sample.resolver))]
  change(&policy)
  return policy
}

func stated<Value: Sendable>(_ value: Value) -> Stated<Value> { Stated(value, origin: "test") }

func prefix(_ text: String) -> IPPrefix {
  guard let prefix = IPPrefix(text) else { fatalError("no prefix: \(text)") }
  return prefix
}

/// An allow rule. If its filter does not compile, the test itself is wrong.
func allow(_ filter: String?, names: [String] = [], until moment: Timestamp? = nil, id: String = "rule") -> AllowRule {
  var compiled: PacketFilter?
  if let filter {
    do { compiled = try PacketFilter(filter) } catch { fatalError("\(error)") }
  }
  return AllowRule(
    id: id, reason: "test", filter: compiled, queryNames: names, expires: moment.map { ($0, "test") }, origin: "test")
}

extension SampleFrame {
  /// The frame some seconds later.
  func after(seconds: Double) -> SampleFrame {
    var frame = self
    frame.time.nanoseconds += Int64(seconds * 1_000_000_000)
    return frame
  }
}

/// Every verdict in order, as `class kind`.
private struct VerdictList: FrameObserver {
  static var isActive: Bool { true }
  var list: [String] = []

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {
    let kind: String? =
      switch verdict {
      case .tunnel(let kind): kind.name
      case .local(.undeclared): "undeclared"
      case .local(let kind): kind.name
      case .leak: leak?.key.reason.rawValue ?? "no reason"
      case .allowed(.rule(let index)): "rule \(index)"
      case .allowed(.resolver(let index)): "resolver \(index)"
      case .allowed(.control): "control"
      case .ingress: nil
      case .inner: "inner"
      }
    list.append(kind.map { "\(verdict.verdictClass.name) \($0)" } ?? verdict.verdictClass.name)
  }
}

/// A whole audit through the public entry: bytes in, verdicts out, with its counts checked.
func audit(
  _ frames: [SampleFrame], _ policy: TunnelPolicy = policy(), roles: [InterfaceRole?] = [nil],
  infersEndpoints: Bool = false, sourceLocation: SourceLocation = #_sourceLocation,
  inspect: (borrowing Auditor) -> Void = { _ in }
) -> [String] {
  var auditor = Auditor(policy, infersEndpoints: infersEndpoints, seed: 1)
  var cursor = SourceCursor()
  for (index, role) in roles.enumerated() {
    cursor.interfaces.append(
      auditor.attach(InterfaceTally(name: "if\(index)", linkType: frames.first?.linkType ?? .raw, role: role)))
  }
  var source = FrameList(frames)
  var verdicts = VerdictList()
  let pause = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &verdicts)
  guard case .end = pause else {
    Issue.record("stopped early: \(pause)", sourceLocation: sourceLocation)
    return []
  }
  // frames == tunnel + local + leak + allowed + ingress (CONTRACT 1), and each as often as reported.
  let counts = auditor.interfaces.reduce(ClassCounts()) { $0 + $1.counts }
  #expect(auditor.frames == frames.count, sourceLocation: sourceLocation)
  #expect(counts.total.frames == frames.count, sourceLocation: sourceLocation)
  for verdictClass in VerdictClass.allCases {
    let said = verdicts.list.filter { $0.hasPrefix(verdictClass.name) }.count
    #expect(counts[verdictClass].frames == said, "\(verdictClass)", sourceLocation: sourceLocation)
  }
  inspect(auditor)
  return verdicts.list
}

/// The verdict on a single packet. Raw IP without a role could be inside the tunnel.
func verdict(
  _ packet: [UInt8], _ policy: TunnelPolicy = policy(), role: InterfaceRole? = .bridge, original: Int? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) -> String {
  audit(
    [SampleFrame(packet, originalLength: original)], policy, roles: [role], sourceLocation: sourceLocation)[0]
}

/// The summary of an audit whose interfaces have these roles, in several steps.
func summary(
  _ frames: [SampleFrame], _ policy: TunnelPolicy = policy(), roles: [InterfaceRole?] = [.bridge, .nic],
  linkType: LinkType = .raw, directory: OriginDirectory = OriginDirectory(),
  infersEndpoints: Bool = false,
  _ rules: ConclusionRules = ConclusionRules()
) -> AuditSummary {
  var auditor = Auditor(policy, infersEndpoints: infersEndpoints, seed: 1)
  auditor.setDirectory(directory)
  var cursor = SourceCursor()
  for (index, role) in roles.enumerated() {
    cursor.interfaces.append(auditor.attach(InterfaceTally(name: "if\(index)", linkType: linkType, role: role)))
  }
  var source = FrameList(frames)
  var observer = NoObserver()
  while case .limit = auditor.audit(&source, &cursor, until: .distantFuture, limit: 99, observer: &observer) {}
  return auditor.summary(rules)
}
