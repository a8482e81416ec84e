import Audit
import Capture
import Containers
import Glibc
import Report
import Wire

/// What the watch knows of containers: takes the feed's messages over into the audit.
struct ContainerView {
  private let feed: ContainerFeedProcess?
  /// The latest list.
  private(set) var snapshot: ContainerSnapshot?
  /// What of it the summary has to say.
  private(set) var limits: [String] = []

  /// Without a feed everything works by addresses.
  init(_ feed: ContainerFeedProcess?) { self.feed = feed }

  var descriptor: Int32 { feed?.descriptor ?? -1 }

  /// Waits for the first list, so that interfaces can be chosen by it; not longer than the feed needs to answer.
  mutating func begin() {
    guard descriptor >= 0 else { return }
    for _ in 0..<30 where snapshot == nil && limits.isEmpty && descriptor >= 0 {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&request, 1, 100)
      for message in read() {
        switch message {
        case .snapshot(let snapshot): self.snapshot = snapshot
        case .lost(let reason): limits.append(reason)
        case .event, .back: break
        }
      }
    }
  }

  /// Takes over what the feed has said since.
  mutating func follow(_ auditor: inout Auditor, say: (String) -> Void) {
    for message in read() {
      switch message {
      case .snapshot(let now):
        snapshot = now
        tell(&auditor)
      case .event(let time, let isNetwork, let text):
        auditor.note(.init(isNetwork ? .network : .container, text, at: Timestamp(nanoseconds: time)))
      case .lost(let reason):
        limits.append("Docker's engine was lost (\(reason)); names of containers that started since may be missing.")
        auditor.note(.init(.docker, "engine lost: \(reason)", at: .now))
        say("Docker's engine is lost: \(Formatting.safe(reason))")
      case .back:
        auditor.note(.init(.docker, "engine is back", at: .now))
        say("Docker's engine is back")
      }
    }
  }

  /// Hands the auditor the names. A name that was known stays known: packets of a container that just ended may still come.
  func tell(_ auditor: inout Auditor) {
    guard let snapshot else { return }
    auditor.extendDirectory(OriginDirectory(names: snapshot.names, namesByMAC: snapshot.namesByMAC))
  }

  private mutating func read() -> [ContainerMessage] {
    guard let feed else { return [] }
    do throws(EngineError) { return try feed.messages() } catch {
      limits.append("Docker's engine could not be followed: \(error.reason).")
      return []
    }
  }
}
