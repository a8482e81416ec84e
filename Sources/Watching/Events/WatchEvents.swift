package import Capture

/// What wakes a watch beside frames: signals, and interfaces that come and go.
package struct WatchEvents: ~Copyable {
  let signals: SignalDescriptor
  let links: LinkEvents

  /// Comes before any other thread, which would get the signals otherwise.
  package init(_ privileged: borrowing Privileged) throws(WatchError) {
    let signals = try SignalDescriptor(privileged)
    let links = try LinkEvents(privileged)
    self.signals = signals
    self.links = links
  }
}
