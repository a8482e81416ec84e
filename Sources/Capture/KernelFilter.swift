import CBPF
import CCounting
import CLinux
import Glibc

/// The program in the kernel that passes frames of audited interfaces, and counts those of flows that are known
/// (Kernel/counting.bpf.c).
///
/// `unsafe` because C functions take addresses. Sound: the memory stays mapped until the process ends.
@safe struct KernelFilter: ~Copyable {
  /// What is shared with the program.
  let shared: OpaquePointer
  private let program: Int32

  /// Loads the program, which needs CAP_BPF and CAP_PERFMON. Neither selecting nor counting needs a privilege.
  init(snapLength: Int, _ privileged: borrowing Privileged) throws(KernelRefusal) {
    // The program reads a flow's word before its key, and x86-64 alone keeps to that without a barrier.
    #if !arch(x86_64)
    throw .otherProcessor
    #else
    let object = PackageResources.counting_bpf
    let opened = unsafe object.withUnsafeBytes { bytes in
      unsafe bpf_open_filter(bytes.baseAddress, UInt(bytes.count), counting_size())
    }
    guard let variables = unsafe opened.variables else {
      throw unsafe KernelRefusal(opened.failure.rawValue, code: opened.code)
    }
    unsafe shared = OpaquePointer(variables)
    program = unsafe opened.program
    unsafe counting_begin(shared, .random(in: .min ... .max), UInt32(clamping: snapLength))
    #endif
  }

  /// Takes the place of a socket's filter, without a gap.
  func attach(to descriptor: Int32) throws(KernelRefusal) {
    guard linux_attach_program(descriptor, program) == 0 else { throw .refused(errno) }
  }

  func select(_ indices: [UInt32], newerThan newest: UInt32) {
    unsafe counting_select(shared, indices, UInt32(indices.count), newest)
  }
}
