import Foundation
import Glibc

enum FileSystem {
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Makes a directory that only its owner may use, unless something has the name. Returns errno if that failed.
  static func makeDirectory(_ path: String) -> Int32? {
    unsafe mkdir(path, 0o700) == 0 || errno == EEXIST ? nil : errno
  }

  /// Whether the file can be read more than once, so is no pipe and no device. Links are followed.
  ///
  /// `unsafe` because stat(2) takes an address. Sound: the variable outlives the call.
  static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG
  }
}
