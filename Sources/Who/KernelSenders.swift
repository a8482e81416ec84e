import CBPF
package import Capture
import Glibc
import Text

/// The kernel's two programs that tell who sends (Kernel/senders.bpf.c), while they run. They end with this process.
///
/// `unsafe` because C functions take addresses. Sound: the object's bytes outlive the call that loads them, an event has
/// the length that C writes, and one thread has this value.
@safe package struct KernelSenders: ~Copyable {
  private let senders: OpaquePointer
  private var buffer = [UInt8](repeating: 0, count: SenderEvent.length)

  /// Loads the programs, which needs CAP_BPF and CAP_PERFMON. Reading what they tell needs no privilege.
  package init(_ privileged: borrowing Privileged) throws(KernelRefusal) {
    let object = PackageResources.senders_bpf
    let opened = unsafe object.withUnsafeBytes { bytes in
      unsafe bpf_open(bytes.baseAddress, UInt(bytes.count))
    }
    guard let senders = unsafe opened.senders else {
      throw unsafe KernelRefusal(opened.failure.rawValue, code: opened.code)
    }
    unsafe self.senders = unsafe senders
  }

  /// Takes what was told since the last call, but no more than the latest events; never waits. Returns how many it took.
  package mutating func take(into table: inout SenderTable, latest: Int) -> Int {
    _ = unsafe bpf_skip_events(senders, UInt(latest))
    var count = 0
    while count < latest, unsafe bpf_take_event(senders, &buffer) == 1 {
      if let event = SenderEvent(buffer) {
        table.note(event)
      } else if let question = QuestionEvent(buffer) {
        table.questions.note(question)
      }
      count += 1
    }
    return count
  }
}
