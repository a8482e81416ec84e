import Glibc

package enum SystemError {
  /// The system's message for an errno.
  ///
  /// `unsafe` because strerror(3) returns an address. Sound: glibc keeps the text for the thread until its next call,
  /// and it is copied at once.
  package static func message(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
