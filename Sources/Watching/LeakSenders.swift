import Audit
import Containers
import Dispatch
import Policy
import Who
import Wire

/// Joins what the kernel tells of senders with the containers that are known. What is told is taken only when a leak needs
/// it, and between two batches, so that the kernel's room for it does not run full.
struct LeakSenders: ~Copyable {
  struct Answer {
    /// Several if it is not clear which of them sent it.
    var list: [LeakSender] = []
    /// Whether more is known of the flow than at the last answer.
    var isNew = false
  }

  /// As many as an engine may have run meanwhile; their names stay known after their end.
  private static let mostContainers = 4096

  /// How many events are taken in a second: in a flood of new flows, frames come first. The kernel tells again of flows that
  /// go on.
  private static let mostInSecond = 2000

  private var kernel: KernelSenders
  private var table = SenderTable()
  /// The names of containers, by the first digits of their ids.
  private var names: [String: String] = [:]

  private var second = ContinuousClock.now
  private var room = mostInSecond

  init(_ kernel: consuming KernelSenders) { self.kernel = kernel }

  /// Takes what the kernel told.
  mutating func follow() {
    let now = ContinuousClock.now
    if now - second >= .seconds(1) { (second, room) = (now, Self.mostInSecond) }
    if room > 0 { room -= kernel.take(into: &table, latest: room) }
  }

  mutating func name(_ snapshot: ContainerSnapshot?) {
    for container in snapshot?.containers ?? [] where names.count < Self.mostContainers || names[container.id] != nil {
      names[container.id] = container.name
    }
  }

  /// Who sent a leak. Nothing if the kernel told nothing of its flow. The NIC is asked for only where it shows a container's
  /// own address: behind NAT, the same flow may be another machine's in a lab.
  mutating func answer(_ leak: Leak, on role: InterfaceRole?) -> Answer {
    guard let flow = SenderFlow(leak), role != .nic || leak.hasOwnSource else { return Answer() }
    follow()
    let known = table.answer(flow)
    return Answer(list: Self.senders(known.owners, of: leak.key.origin, names), isNew: known.isNew)
  }

  /// The containers for whose question Docker's engine made the machine ask this one. Empty if it is no question of the
  /// machine's, or if the kernel did not see that.
  mutating func askers(_ leak: Leak, on role: InterfaceRole?) -> [String] {
    guard role == .nic, leak.key.reason == .dns, case .host = leak.key.origin, leak.questions.count == 1 else {
      return []
    }
    follow()
    return table.questions.askers(of: leak.questions[0].name, at: DispatchTime.now().uptimeNanoseconds).map { id in
      guard let digits = id.map({ String($0.prefix(Self.shownDigits)) }) else { return "a container" }
      return names[digits] ?? digits
    }
  }

  /// As many of an id's digits as the engine shows.
  fileprivate static let shownDigits = 12

  /// The owners of a flow as senders of a leak of this origin, with the containers' names by the first digits of their ids.
  ///
  /// Other networks may use the same addresses: if one of the owners is in a container of the origin, those of other
  /// namespaces are not meant.
  static func senders(_ owners: [SocketOwner], of origin: Origin, _ names: [String: String]) -> [LeakSender] {
    let all = owners.map { (namespace: $0.namespace, sender: LeakSender($0, names)) }
    guard case .containers(let members) = origin else { return all.map(\.sender) }
    let own = Set(all.filter { $0.sender.container.map(members.contains) ?? false }.map(\.namespace))
    return all.filter { own.isEmpty || own.contains($0.namespace) }.map(\.sender)
  }
}

extension LeakSender {
  fileprivate init(_ owner: SocketOwner, _ names: [String: String]) {
    let digits = owner.container.map { String($0.prefix(LeakSenders.shownDigits)) }
    self.init(
      Certainty(owner.certainty), container: digits.map { names[$0] ?? $0 }, program: owner.process?.program,
      process: owner.process.map { Int($0.number) }, innerProcess: owner.process.map { Int($0.innerNumber) })
  }
}

extension LeakSender.Certainty {
  fileprivate init(_ certainty: Certainty) {
    self =
      switch certainty {
      case .sent: .sent
      case .used: .used
      case .listed: .listed
      case .kernel: .kernel
      case .unknown: .unknown
      }
  }
}

extension Leak {
  /// Whether its source on the NIC is a container's, as with macvlan.
  fileprivate var hasOwnSource: Bool {
    guard case .containers = key.origin else { return false }
    return !isContinued
  }
}

extension SenderFlow {
  /// Nil for a leak without an IP header.
  fileprivate init?(_ leak: Leak) {
    guard let source = leak.source, let destination = leak.key.destination, let number = leak.key.protocolNumber
    else { return nil }
    let hasPorts = leak.key.port != nil
    self.init(
      source: source, sourcePort: hasPorts ? leak.sourcePort ?? 0 : 0, destination: destination,
      destinationPort: leak.key.port ?? 0, protocolNumber: number)
  }
}
