import CGcrypt

/// AES with a 16-byte key (FIPS 197), limited to what a receiver of QUIC needs.
///
/// Owns a libgcrypt handle; `unsafe` because libgcrypt takes addresses. Sound: the handle lives as long as this value,
/// which is its only owner, and arrays are lent with their lengths only during one call.
@safe
package struct AES128: ~Copyable {
  package static let blockLength = 16

  private let handle: gcry_cipher_hd_t

  private init?(_ mode: gcry_cipher_modes, key: [UInt8]) {
    Gcrypt.start()
    var handle: gcry_cipher_hd_t?
    guard unsafe gcry_cipher_open(&handle, Int32(GCRY_CIPHER_AES.rawValue), Int32(mode.rawValue), 0) == 0,
      let handle = unsafe handle
    else { return nil }
    guard unsafe gcry_cipher_setkey(handle, key, key.count) == 0 else {
      unsafe gcry_cipher_close(handle)
      return nil
    }
    unsafe self.handle = handle
  }

  deinit { unsafe gcry_cipher_close(handle) }

  /// Encrypts one block of `blockLength` bytes. Nil if the library rejects it: the block comes from a stranger and must
  /// not end the program.
  package static func encrypt(block: [UInt8], key: [UInt8]) -> [UInt8]? {
    guard let cipher = AES128(GCRY_CIPHER_MODE_ECB, key: key) else { return nil }
    var output = [UInt8](repeating: 0, count: block.count)
    return unsafe gcry_cipher_encrypt(cipher.handle, &output, output.count, block, block.count) == 0 ? output : nil
  }

  /// Decrypts AES-128-GCM (NIST SP 800-38D). Nil if the 16-byte tag does not match, or the library rejects the call.
  package static func open(_ sealed: [UInt8], tag: [UInt8], key: [UInt8], nonce: [UInt8], header: [UInt8]) -> [UInt8]? {
    guard let cipher = AES128(GCRY_CIPHER_MODE_GCM, key: key) else { return nil }
    var opened = [UInt8](repeating: 0, count: sealed.count)
    guard unsafe gcry_cipher_setiv(cipher.handle, nonce, nonce.count) == 0,
      unsafe gcry_cipher_authenticate(cipher.handle, header, header.count) == 0,
      unsafe gcry_cipher_decrypt(cipher.handle, &opened, opened.count, sealed, sealed.count) == 0,
      unsafe gcry_cipher_checktag(cipher.handle, tag, tag.count) == 0
    else { return nil }
    return opened
  }
}
