import Cryptography
import Policy

/// All that belongs to one endpoint of the policy: how its messages are told, who answers there, what was counted.
struct Tunnel: Sendable {
  let peerKey: PeerKey?
  let amnezia: AmneziaWG?
  let amneziaMessages: AmneziaWG.Messages?
  /// Of an endpoint whose shape goes by it.
  let publicKey: [UInt8]?
  var session: TunnelSession
  var tally: TunnelTally

  init(_ endpoint: TunnelEndpoint, _ session: TunnelSession = TunnelSession(), _ tally: TunnelTally = TunnelTally()) {
    peerKey = endpoint.publicKey.flatMap(PeerKey.init)
    amnezia = endpoint.amnezia
    amneziaMessages = endpoint.amnezia?.messages
    publicKey = endpoint.shape == .lwo ? endpoint.publicKey : nil
    self.session = session
    self.tally = tally
  }
}
