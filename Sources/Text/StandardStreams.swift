import Glibc

/// The columns of a terminal; nil if it is none, or does not say.
///
/// `unsafe` because ioctl(2) takes an address. Sound: the variable outlives the call, and has the type that
/// ioctl_tty(2) names.
func terminalColumns(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

/// Writes all bytes. Returns errno if that failed.
///
/// `unsafe` for write(2). Sound: the offset stays below the length, since no call writes more than it is given.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
  unsafe bytes.withUnsafeBytes { bytes in
    var offset = 0
    while offset < bytes.count {
      let written = unsafe Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
      if written >= 0 {
        offset += written
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
