import Policy
import Wire

/// The five classes, by which packets are counted.
public enum VerdictClass: Int, Sendable, CaseIterable {
  case tunnel, local, leak, allowed, ingress

  public var name: String {
    switch self {
    case .tunnel: "tunnel"
    case .local: "local"
    case .leak: "leak"
    case .allowed: "allowed"
    case .ingress: "ingress"
    }
  }
}
