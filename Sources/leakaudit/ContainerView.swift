import Audit
import Capture
import Containers
import Glibc
import Report
import Text
import Wire

/// What the watch knows of containers: takes the feed's messages over into the audit.
struct ContainerView {
  private let feed: ContainerFeedProcess?
  /// The latest list.
  private(set) var snapshot: ContainerSnapshot?
  /// Why the engine is not followed now.
  private(set) var loss: String?
  /// What of it the summary has to say.
  private(set) var limits: [String] = []

  /// Sentences kept; the timeline has the rest.
  private static let mostLimits = 8

  /// Without a feed everything works by addresses.
  init(_ feed: ContainerFeedProcess?) { self.feed = feed }

  var descriptor: Int32 { feed?.descriptor ?? -1 }

  /// Waits for the first list, so that interfaces can be chosen by it; not longer than the feed needs to answer.
  mutating func begin() {
    for _ in 0..<30 where snapshot == nil && limits.isEmpty && descriptor >= 0 {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&request, 1, 100)
      for message in feed?.messages() ?? [] { _ = take(message) }
    }
  }

  /// Whether the engine may have more to say.
  var isFollowing: Bool { snapshot != nil && descriptor >= 0 }

  /// Waits until the feed has something to say, so many milliseconds at most.
  func wait(for milliseconds: Int32) {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&request, 1, milliseconds)
  }

  /// Takes over what the feed has said since.
  mutating func follow(_ auditor: inout Auditor, say: (String) -> Void) {
    for message in feed?.messages() ?? [] {
      if case .event(let event) = message, event.network == nil, event.kind == .start {
        auditor.beginStart(at: event.time)
      }
      guard let event = take(message) else {
        tell(&auditor)
        continue
      }
      auditor.note(event)
      if event.kind == .docker { say(Formatting.safe(event.text)) }
    }
  }

  /// Hands the auditor the names. A name that was known stays known: packets of a container that just ended may still come.
  func tell(_ auditor: inout Auditor) {
    guard let snapshot else { return }
    auditor.extendDirectory(
      OriginDirectory(names: snapshot.namesByAddress, namesByMAC: snapshot.namesByMACAddress))
  }

  /// What is to stand in the timeline; nil for a new list.
  private mutating func take(_ message: ContainerFeed.Message?) -> Timeline.Event? {
    switch message {
    case .snapshot(let now):
      snapshot = now
      return nil
    case .event(let event):
      guard let network = event.network else {
        return .init(.container, "container \(event.container): \(event.kind.rawValue)", at: event.time)
      }
      return .init(.network, "network \(network): \(event.container) \(event.kind.rawValue)", at: event.time)
    case .lost(let reason):
      loss = "Docker's engine is lost: \(reason)"
      limit("Containers: \(reason); names of what has started since may be missing.")
      return .init(.docker, "Docker's engine is lost: \(reason)", at: .now)
    case .back:
      loss = nil
      return .init(.docker, "Docker's engine is back", at: .now)
    case nil:
      loss = "Docker's engine is not followed any more"
      limit("Containers: the process that follows Docker's engine failed; names may be missing.")
      return .init(.docker, "Docker's engine is not followed any more", at: .now)
    }
  }

  private mutating func limit(_ sentence: String) {
    if limits.count < Self.mostLimits { limits.append(sentence) }
  }
}
