package import Audit

/// What a leak says in clear, in summaries and alerts.
package struct LeakDetailEntry: Codable, Hashable, Sendable {
  var kind, text: String

  package init(_ detail: LeakDetail) {
    kind = detail.kind.rawValue
    text = detail.text
  }

  /// `server www.example.org`.
  var sentence: String {
    switch LeakDetail.Kind(rawValue: kind) {
    case .serverName: "server \(text)"
    case .encryptedHello: "with an encrypted ClientHello behind \(text)"
    case .clientSubnet: "for the client subnet \(text)"
    case .software: "by \(text)"
    case .infoHash: "info-hash \(text)"
    case .hostName: "as the machine \(text)"
    case nil: text
    }
  }
}
