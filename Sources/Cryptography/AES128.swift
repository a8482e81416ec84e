import CGcrypt

/// AES with a key of 16 bytes (FIPS 197), as far as a receiver of QUIC needs it.
///
/// Owns one of libgcrypt's handles; `unsafe` because libgcrypt takes addresses. Sound: the handle lives as long as this value,
/// which is its only owner, and arrays are lent with their lengths for the length of one call.
@safe
package struct AES128: ~Copyable {
  package static let blockLength = 16

  private let handle: gcry_cipher_hd_t

  private init(_ mode: gcry_cipher_modes, key: [UInt8]) {
    Gcrypt.start()
    var handle: gcry_cipher_hd_t?
    unsafe Gcrypt.demand(gcry_cipher_open(&handle, Int32(GCRY_CIPHER_AES.rawValue), Int32(mode.rawValue), 0))
    guard let handle = unsafe handle else { fatalError("libgcrypt: a cipher without a handle") }
    unsafe self.handle = handle
    unsafe Gcrypt.demand(gcry_cipher_setkey(handle, key, key.count))
  }

  deinit { unsafe gcry_cipher_close(handle) }

  /// One block of `blockLength` bytes, enciphered.
  package static func encrypt(block: [UInt8], key: [UInt8]) -> [UInt8] {
    let cipher = AES128(GCRY_CIPHER_MODE_ECB, key: key)
    var output = [UInt8](repeating: 0, count: block.count)
    unsafe Gcrypt.demand(gcry_cipher_encrypt(cipher.handle, &output, output.count, block, block.count))
    return output
  }

  /// What was sealed with AES-128-GCM (NIST SP 800-38D). Nil if the tag, of 16 bytes, is another.
  package static func open(_ sealed: [UInt8], tag: [UInt8], key: [UInt8], nonce: [UInt8], header: [UInt8]) -> [UInt8]? {
    let cipher = AES128(GCRY_CIPHER_MODE_GCM, key: key)
    var opened = [UInt8](repeating: 0, count: sealed.count)
    unsafe Gcrypt.demand(gcry_cipher_setiv(cipher.handle, nonce, nonce.count))
    unsafe Gcrypt.demand(gcry_cipher_authenticate(cipher.handle, header, header.count))
    unsafe Gcrypt.demand(gcry_cipher_decrypt(cipher.handle, &opened, opened.count, sealed, sealed.count))
    return unsafe gcry_cipher_checktag(cipher.handle, tag, tag.count) == 0 ? opened : nil
  }
}
