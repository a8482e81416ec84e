import CGcrypt

/// The parts of libgcrypt that the whole module needs.
///
/// `unsafe` because libgcrypt returns addresses. Sound: they are of constants.
enum Gcrypt {
  /// The library starts once per process. Swift initializes a global only once, whichever threads use it.
  private static let isStarted = unsafe gcrypt_start() != nil

  /// Must be called before any other call of the library.
  static func start() { if !isStarted { fatalError("libgcrypt does not start") } }

  /// Ends the program if the library fails at something it always supports: it is out of memory, or was built without
  /// the algorithm. Without the hash, a tunnel would be reported as a leak.
  static func demand(_ error: gcry_error_t) {
    if error != 0 { fatalError("libgcrypt: \(unsafe String(cString: gcry_strerror(error)))") }
  }
}
