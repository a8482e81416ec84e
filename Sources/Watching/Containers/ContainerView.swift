import Audit
package import Containers
import Glibc
import Text
import Wire

/// What the watch knows about containers: it passes the feed's messages on to the audit.
///
/// `unsafe` for poll(2). Sound: the variable outlives the call.
package struct ContainerView {
  private let feed: ContainerFeedProcess?
  /// The latest list of containers.
  package private(set) var snapshot: ContainerSnapshot?
  /// Why the engine is not followed at the moment.
  private(set) var loss: String?
  /// Sentences about losses for the summary.
  private(set) var limits: [String] = []

  /// The most sentences kept; the timeline has the rest.
  private static let mostLimits = 8

  /// Without a feed, everything works by addresses.
  package init(_ feed: ContainerFeedProcess?) { self.feed = feed }

  var descriptor: Int32 { feed?.descriptor ?? -1 }

  /// Waits for the first list, so that interfaces can be chosen by it, but no longer than the feed needs to answer.
  package mutating func begin() {
    for _ in 0..<30 where snapshot == nil && limits.isEmpty && descriptor >= 0 {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&request, 1, 100)
      for message in feed?.messages() ?? [] { _ = apply(message) }
    }
  }

  /// Whether the engine may have more to say.
  var isFollowing: Bool { snapshot != nil && descriptor >= 0 }

  /// Waits until the feed has sent something, for at most this many milliseconds.
  func wait(for milliseconds: Int32) {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&request, 1, milliseconds)
  }

  /// Takes the feed's messages since the last call.
  mutating func follow(_ auditor: inout Auditor, say: (String) -> Void) {
    for message in feed?.messages() ?? [] {
      if case .event(let event) = message, event.network == nil, event.kind == .start {
        auditor.beginStart(at: event.time)
      }
      guard let event = apply(message) else {
        giveNames(to: &auditor)
        continue
      }
      auditor.note(event)
      if event.kind == .docker { say(Formatting.safe(event.text)) }
    }
  }

  /// Gives the auditor the names. Known names stay known: packets of a container that just ended may still arrive.
  func giveNames(to auditor: inout Auditor) {
    guard let snapshot else { return }
    auditor.extendDirectory(
      OriginDirectory(names: snapshot.namesByAddress, namesByMAC: snapshot.namesByMACAddress))
  }

  /// The event for the timeline; nil for a new list.
  private mutating func apply(_ message: ContainerFeed.Message?) -> Timeline.Event? {
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
      limit("Containers: \(reason); names of containers started since may be missing.")
      return .init(.docker, "Docker's engine is lost: \(reason)", at: .now)
    case .back:
      loss = nil
      return .init(.docker, "Docker's engine is back", at: .now)
    case nil:
      loss = "Docker's engine is no longer followed"
      limit("Containers: the process that follows Docker's engine failed; names may be missing.")
      return .init(.docker, "Docker's engine is no longer followed", at: .now)
    }
  }

  private mutating func limit(_ sentence: String) {
    if limits.count < Self.mostLimits { limits.append(sentence) }
  }
}
