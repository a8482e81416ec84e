import CGcrypt

/// libgcrypt, as far as all of this floor needs it.
enum Gcrypt {
  /// Its start is once for the process, and Swift makes a global once, whichever threads ask for it.
  private static let isStarted = unsafe gcrypt_start() != nil

  /// To be called before any other call of the library.
  static func start() { if !isStarted { fatalError("libgcrypt does not start") } }

  /// Ends the program where the library refuses what it always has: it is out of memory, or was built without the algorithm.
  /// To go on without the hash would be to call a tunnel a leak.
  static func demand(_ error: gcry_error_t) {
    if error != 0 { fatalError("libgcrypt: \(unsafe String(cString: gcry_strerror(error)))") }
  }
}
