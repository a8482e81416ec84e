package import Audit
import Policy
import Wire

/// What a leak says in clear, in summaries and alerts.
package struct LeakDetailEntry: Codable, Hashable, Sendable {
  package var kind: LeakDetail.Kind
  package var text: String

  package init(_ detail: LeakDetail) { (kind, text) = (detail.kind, detail.text) }

  /// `server www.example.org`.
  package var sentence: String {
    switch kind {
    case .serverName: "server \(text)"
    case .encryptedHello: "with an encrypted ClientHello behind \(text)"
    case .clientSubnet: "for the client subnet \(text)"
    case .software: "by \(text)"
    case .infoHash: "info-hash \(text)"
    case .hostName: "as the machine \(text)"
    }
  }
}
