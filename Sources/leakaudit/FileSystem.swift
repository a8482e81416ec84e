import Foundation

enum FileSystem {
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Whether the file can be read more than once, so is no pipe and no device. Links are followed.
  ///
  /// `unsafe` because stat(2) takes an address. Sound: the variable outlives the call.
  static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG
  }
}
