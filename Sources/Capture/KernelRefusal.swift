import CBPF
import Glibc
import Text

/// Why a program of ours does not run in the kernel.
public enum KernelRefusal: Error, CustomStringConvertible {
  case noLibrary
  /// The kernel does not describe its types (BTF).
  case noTypes
  /// The processor orders memory otherwise than the program needs.
  case otherProcessor
  /// With the error number.
  case refused(Int32)

  /// What CBPF says.
  public init(_ failure: UInt32, code: Int32) {
    switch failure {
    case BPF_NO_LIBRARY.rawValue: self = .noLibrary
    case BPF_NO_TYPES.rawValue: self = .noTypes
    default: self = .refused(code)
    }
  }

  public var description: String {
    switch self {
    case .noLibrary: "libbpf.so.1 is not installed (package libbpf1)"
    case .noTypes: "this kernel does not describe its types (/sys/kernel/btf/vmlinux)"
    case .otherProcessor: "on this processor it was not tried"
    case .refused(EPERM), .refused(EACCES):
      "the kernel refuses: it needs CAP_BPF and CAP_PERFMON, and no lockdown that forbids them"
    case .refused(let code): "the kernel does not load it: \(SystemError.message(code))"
    }
  }
}
