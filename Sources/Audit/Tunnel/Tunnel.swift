import Cryptography
import Policy

/// The state of one of the policy's endpoints: how its messages are recognised, who answers there, and what was
/// counted.
struct Tunnel: Sendable {
  let peerKey: PeerKey?
  let amnezia: AmneziaWG?
  let amneziaMessages: AmneziaWG.Messages?
  /// Only for an endpoint whose shape depends on the key.
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
