import Policy
import Wire

/// Has the kernel count what the audit knows.
extension Auditor {
  /// Has the kernel count packets of known flows in memory that the capture shares with it
  /// (`OpenedCapture.countInKernel`). For a capture of frames of this machine as they pass, which no observer has to see.
  public mutating func count(inKernel shared: OpaquePointer) {
    flows.kernel = unsafe KernelTable(shared)
  }

  public var countsInKernel: Bool { flows.kernel.isActive }

  /// Takes over what the kernel has counted.
  mutating func takeOver() {
    flows.takeOver(&counters)
    addTaken()
  }

  /// Takes all flows back from the kernel, and what it has counted: it passes all frames from then on.
  public mutating func endCountingInKernel() {
    flows.takeAllBack()
    flows.owed.note(in: &counters, at: nil)
    addTaken()
    flows.kernel = KernelTable()
    settle()
  }

  mutating func takeBack(at position: Int) {
    flows.takeBack(at: position)
    addTaken()
  }

  /// Adds what was taken over to the totals.
  mutating func addTaken() {
    let taken = flows.takeTaken()
    guard taken.frames > 0 else { return }
    if !ledger.traffic.window.holds(taken.last) {
      ledger.traffic.move(to: taken.last)
      ledger.traffic.wait(behind: .distantFuture)
    }
    ledger.traffic.count(.tunnel, taken.tunnel)
    ledger.traffic.count(.ingress, taken.ingress)
    ledger.traffic.count(.local, taken.local)
    ledger.frames &+= taken.frames
    ledger.framesInKernel &+= taken.frames
  }

  /// Frames that the kernel counted and did not pass.
  public var framesCountedInKernel: Int { ledger.framesInKernel }
}
