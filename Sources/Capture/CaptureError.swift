/// Why a live capture failed.
public enum CaptureError: Error, Hashable, Sendable {
  /// The process is not allowed to capture: it lacks CAP_NET_RAW.
  case notPermitted(String)
  /// Any other error of libpcap or the kernel, with their message.
  case failed(String)
}

extension CaptureError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notPermitted(let message):
      "no permission to capture (\(message)); run it with sudo, or give the program the one capability that it needs: "
        + "setcap cap_net_raw=ep /path/to/leakaudit"
    case .failed(let message): "cannot capture: \(message)"
    }
  }
}
