import CGcrypt

/// A hash in progress. It owns a libgcrypt handle.
///
/// `unsafe` because libgcrypt takes addresses. Sound: the handle lives as long as this value, which is its only owner,
/// and bytes are lent with their count only during one call.
@safe
struct HashState: ~Copyable {
  enum Kind {
    case sha256, hmacSHA256
    /// A 16-byte BLAKE2s is not the beginning of the 32-byte one: the length goes into the hash (RFC 7693 section 2.5).
    case blake2s128, blake2s256

    var algorithm: Int32 {
      switch self {
      case .sha256, .hmacSHA256: Int32(GCRY_MD_SHA256.rawValue)
      case .blake2s128: Int32(GCRY_MD_BLAKE2S_128.rawValue)
      case .blake2s256: Int32(GCRY_MD_BLAKE2S_256.rawValue)
      }
    }

    var length: Int { self == .blake2s128 ? 16 : 32 }
    var flags: UInt32 { self == .hmacSHA256 ? GCRY_MD_FLAG_HMAC.rawValue : 0 }
  }

  private let handle: gcry_md_hd_t
  private let kind: Kind

  init(_ kind: Kind) {
    Gcrypt.start()
    var handle: gcry_md_hd_t?
    unsafe Gcrypt.demand(gcry_md_open(&handle, kind.algorithm, kind.flags))
    guard let handle = unsafe handle else { fatalError("libgcrypt: a hash without a handle") }
    unsafe self.handle = handle
    self.kind = kind
  }

  /// - Parameter key: for an HMAC, of any length; for BLAKE2s, 1 to 32 bytes.
  init(_ kind: Kind, key: [UInt8]) {
    self.init(kind)
    unsafe Gcrypt.demand(gcry_md_setkey(handle, key, key.count))
  }

  deinit { unsafe gcry_md_close(handle) }

  mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe gcry_md_write(handle, $0.baseAddress, $0.count) }
  }

  mutating func update(_ bytes: [UInt8]) { unsafe gcry_md_write(handle, bytes, bytes.count) }

  /// The hash of all bytes given so far. After this call, only `restart` is allowed.
  mutating func finish() -> [UInt8] {
    guard let digest = unsafe gcry_md_read(handle, kind.algorithm) else {
      fatalError("libgcrypt: a hash without bytes")
    }
    return unsafe Array(UnsafeBufferPointer(start: digest, count: kind.length))
  }

  /// Starts again with the same key. Only an HMAC keeps its key.
  mutating func restart() { unsafe gcry_md_reset(handle) }
}
