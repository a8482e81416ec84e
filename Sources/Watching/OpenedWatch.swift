import Audit
package import Capture
package import Policy
import Who
import Wire

/// A watch that is open and reads nothing yet: what it audits, and by what.
package struct OpenedWatch: ~Copyable {
  let events: WatchEvents
  var containers: ContainerView
  var auditor: Auditor
  var interfaces: AuditedInterfaces
  var capture: OpenedCapture
  /// Sent until every interface has shown the frame.
  var control: ControlFrame?
  /// Who sends, if the kernel tells.
  var senders: LeakSenders?
  /// Why the kernel does not tell who sends, if it was asked.
  package private(set) var senderRefusal: String?
  /// Why the kernel does not count, if it was to.
  package private(set) var countingRefusal: String?
  /// The longest frame that is kept, in bytes, with its cooked header.
  package let captureLimit: Int

  /// Sizes are in bytes; the snap length does not include the cooked header.
  ///
  /// - Parameters:
  ///   - infersEndpoints: whether handshakes must show where the tunnel goes.
  ///   - countsInKernel: whether the kernel counts frames of known flows, if it lets us, and passes the others only.
  package init(
    _ choice: InterfaceChoice, _ policy: TunnelPolicy, infersEndpoints: Bool, countsInKernel: Bool,
    events: consuming WatchEvents, containers: ContainerView, snapLength: Int, bufferSize: Int,
    _ privileged: borrowing Privileged
  ) throws(CaptureError) {
    var auditor = Auditor(policy, infersEndpoints: infersEndpoints)
    auditor.awaitsBridges = choice.awaitsBridges(containers.snapshot)
    var interfaces = AuditedInterfaces(choice, policy, &auditor)
    interfaces.ignoreForeignBridges(containers.snapshot)
    containers.giveNames(to: &auditor)
    var capture = try OpenedCapture(snapLength: snapLength, bufferSize: bufferSize, privileged)
    if countsInKernel {
      do throws(KernelRefusal) {
        unsafe auditor.count(inKernel: try capture.countInKernel(privileged))
      } catch {
        countingRefusal = error.description
      }
    }
    try interfaces.begin(&capture, &auditor, at: .now)
    self.events = events
    self.containers = containers
    self.auditor = auditor
    self.interfaces = interfaces
    self.capture = capture
    captureLimit = snapLength + LiveCapture.headerLength
  }

  /// Makes the watch send frames that it must see itself.
  package mutating func sendControls(_ privileged: borrowing Privileged) throws(CaptureError) {
    control = try ControlFrame(privileged)
    auditor.expect(
      ControlExpectation(
        source: ControlFrame.source, destination: ControlFrame.destination,
        interfaces: Array(interfaces.names.indices)))
  }

  /// Has the kernel tell who sends, if it lets us.
  package mutating func nameSenders(_ privileged: borrowing Privileged) {
    do throws(KernelRefusal) {
      var senders = LeakSenders(try KernelSenders(privileged))
      senders.name(containers.snapshot)
      self.senders = consume senders
    } catch {
      senderRefusal = error.description
    }
  }

  package var names: [String] { interfaces.names }
  package var absent: [String] { interfaces.absent }

  /// The interfaces with their roles, for people: `br-stack (bridge), eth0 (nic)`.
  package var namesWithRoles: String {
    names.map { "\($0) (\(interfaces.isBridge($0) ? "bridge" : "nic"))" }.joined(separator: ", ")
  }
}
