import Cryptography

/// A handshake initiation (WireGuard whitepaper section 5.4.2) whose mac1 names this receiver.
public func initiation(sender: UInt32, to publicKey: [UInt8]) -> [UInt8] {
  addressed([1, 0, 0, 0] + littleEndian(sender) + filler(108), to: publicKey)
}

/// A handshake response (WireGuard whitepaper section 5.4.3) whose mac1 names this receiver.
public func response(sender: UInt32, receiver: UInt32, to publicKey: [UInt8]) -> [UInt8] {
  addressed([2, 0, 0, 0] + littleEndian(sender) + littleEndian(receiver) + filler(48), to: publicKey)
}

private func addressed(_ message: [UInt8], to publicKey: [UInt8]) -> [UInt8] {
  let key = BLAKE2s.hash(Array("mac1----".utf8) + publicKey)
  return message + BLAKE2s.hash(message, key: key, .bytes16) + filler(16, 0)
}
