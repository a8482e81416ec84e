import Audit
import Text

extension LeakPhase {
  /// `tunnel silent for 2.9 s`.
  var text: String {
    switch self {
    case .beforeHandshake: "no handshake of the tunnel seen yet"
    case .established(let silence): "tunnel silent for \(Formatting.duration(nanoseconds: silence))"
    }
  }
}
