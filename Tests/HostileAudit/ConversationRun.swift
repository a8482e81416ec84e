import Audit
import Policy
import TestSupport
import Wire

/// One audit of a conversation, with an observer.
struct ConversationRun<Observer: FrameObserver & ~Copyable>: ~Copyable {
  private var auditor: Auditor
  var observer: Observer
  /// What was summed up on the way, and at the end.
  private(set) var summaries: [AuditSummary] = []
  private let conversation: Conversation
  private var cursors: [SourceCursor]
  /// The auditor's numbers of the interfaces that it knows already.
  private var numbers: [Int: Int] = [:]
  private var batch = Int.max
  private let keepsBatches: Bool

  /// Classes must not depend on how many frames are audited at a time: one of two audits can leave the batches out.
  init(_ conversation: Conversation, _ observer: consuming Observer, keepsBatches: Bool) {
    self.conversation = conversation
    self.keepsBatches = keepsBatches
    self.observer = observer
    auditor = Auditor(conversation.policy, infersEndpoints: conversation.infersEndpoints, seed: 1)
    auditor.awaitsBridges = conversation.awaitsBridges
    cursors = Array(repeating: SourceCursor(), count: conversation.sources)
    var segment: [SampleFrame] = []
    for step in conversation.steps {
      if case .frame(let frame) = step {
        segment.append(frame)
        continue
      }
      audit(segment)
      segment.removeAll()
      perform(step)
    }
    audit(segment)
    auditor.conclude()
    summaries.append(auditor.summary(ConclusionRules()))
  }

  /// Whether packets to a candidate for an Endpoint are still leaks.
  func isUnproven(_ candidate: Int) -> Bool { auditor.isUnproven(candidate: candidate) }

  var frames: Int { auditor.frames }

  private mutating func perform(_ step: HostileTraffic.Step) {
    switch step {
    case .frame: break
    case .role(let interface, let isBridge):
      if let number = numbers[interface] { auditor.setRole(isBridge ? .bridge : .nic, on: number) }
    case .directory(let variant, let extends):
      if extends { auditor.extendDirectory(.hostile(variant)) } else { auditor.setDirectory(.hostile(variant)) }
    case .start(let moment): auditor.beginStart(at: moment)
    case .drops(let count, let interface):
      if let number = numbers[interface] { auditor.setDrops(count, on: number) }
    case .awaitControl:
      let control = HostileWorld.control
      auditor.expect(
        ControlExpectation(
          source: control.source, destination: control.destination, interfaces: auditor.interfaces.indices.map(\.self)))
      for interface in auditor.interfaces.indices {
        let linkType = auditor.interfaces[interface].linkType
        auditor.expectControl(
          control.packet, from: linkType == .raw ? nil : HostileWorld.controlMAC, on: interface)
      }
    case .summary: summaries.append(auditor.summary(ConclusionRules()))
    case .takeNotices: _ = auditor.takeNotices()
    case .batch(let size): if keepsBatches { batch = size }
    }
  }

  private final class Source {
    var list: FrameList
    init(_ frames: [SampleFrame]) { list = FrameList(frames) }
  }

  /// Merges the frames of all sources by the time of each one's next, as a replay does.
  private mutating func audit(_ frames: [SampleFrame]) {
    guard !frames.isEmpty else { return }
    let count = conversation.sources
    let sources = (0..<count).map { number in
      Source(
        frames.filter { $0.interface % count == number }.map { frame in
          var frame = frame
          frame.interface /= count
          return frame
        })
    }
    var waiting = sources.indices.map { (source: $0, next: Timestamp.distantPast) }
    while let position = waiting.indices.min(by: { waiting[$0].next < waiting[$1].next }) {
      let source = waiting[position].source
      let moment = waiting.indices.filter { $0 != position }.map { waiting[$0].next }.min() ?? .distantFuture
      switch auditor.audit(&sources[source].list, &cursors[source], until: moment, limit: batch, observer: &observer) {
      case .limit: break
      case .later(let next): waiting[position].next = next
      case .newInterface, .newIndex: attachNext(of: source)
      case .end: waiting.remove(at: position)
      }
    }
  }

  private mutating func attachNext(of source: Int) {
    let interface = cursors[source].interfaces.count * conversation.sources + source
    let stated = conversation.interfaces[interface]
    let number = auditor.attach(InterfaceTally(name: stated.name, linkType: stated.linkType, role: stated.role))
    numbers[interface] = number
    cursors[source].interfaces.append(number)
  }
}
