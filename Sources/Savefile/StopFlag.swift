import Synchronization

/// A request to stop reading, made by another thread or a signal handler's thread.
///
/// A source checks it when it refills its window, not for every frame.
public final class StopFlag: Sendable {
  private let requested = Atomic<Bool>(false)

  public init() {}

  public func request() { requested.store(true, ordering: .relaxed) }

  public var isRequested: Bool { requested.load(ordering: .relaxed) }
}
