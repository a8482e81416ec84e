import Cryptography

/// A handshake initiation (WireGuard whitepaper section 5.4.2) whose mac1 names this receiver.
public func initiation(sender: UInt32, to publicKey: [UInt8]) -> [UInt8] {
  let message = [1, 0, 0, 0] + littleEndian(sender) + filler(108)
  let key = BLAKE2s.hash(Array("mac1----".utf8) + publicKey)
  return message + BLAKE2s.hash(message, key: key, .bytes16) + filler(16, 0)
}
