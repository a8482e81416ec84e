import CBlake2

/// A handshake initiation (WireGuard whitepaper section 5.4.2) whose mac1 names this receiver.
///
/// Calls libb2, hence `unsafe`: each call gets the address and the length of an array that outlives it.
public func initiation(sender: UInt32, to publicKey: [UInt8]) -> [UInt8] {
  let message = [1, 0, 0, 0] + littleEndian(sender) + filler(108)
  let key = blake2(Array("mac1----".utf8) + publicKey, key: [], length: 32)
  return message + blake2(message, key: key, length: 16) + filler(16, 0)
}

private func blake2(_ input: [UInt8], key: [UInt8], length: Int) -> [UInt8] {
  var output = filler(length, 0)
  let status = unsafe blake2s(&output, input, key, length, input.count, key.count)
  precondition(status == 0, "no length beyond the limits of libb2")
  return output
}
