import CLinux
import Foundation
import Glibc

/// Files as a process with another root sees them.
///
/// A path below `/proc/PID/root` does not do that: a symbolic link on its way leads into this machine's own files, and a
/// container may put one there.
///
/// `unsafe` for open(2), openat2(2), fstat(2), read(2), write(2) and renameat(2). Sound: what they are given outlives the
/// calls and comes with its length.
enum RootedFile {
  /// The beginning of a regular file, of at most `limit` bytes; nil if there is none. Links lead where they lead there.
  static func read(_ path: String, root: String, limit: Int = 1 << 20) -> String? {
    guard let file = open(path, root: root, O_RDONLY, followsLinks: true) else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while bytes.count < limit {
      let count = unsafe Glibc.read(file, &buffer, min(buffer.count, limit - bytes.count))
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Replaces the content of a regular file; its owner and mode stay. False if it cannot be, or if the path has a link.
  static func overwrite(_ path: String, root: String, with text: String) -> Bool {
    guard let file = open(path, root: root, O_WRONLY, followsLinks: false) else { return false }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard ftruncate(file, 0) == 0 else { return false }
    return unsafe bytes.isEmpty || Glibc.write(file, bytes, bytes.count) == bytes.count
  }

  /// Gives a file another name in its folder. False if it cannot be, or if the folder's path has a link.
  static func rename(_ path: String, to name: String, root: String) -> Bool {
    let url = URL(filePath: path)
    guard
      let folder = open(url.deletingLastPathComponent().path, root: root, O_RDONLY | O_DIRECTORY, followsLinks: false)
    else { return false }
    defer { close(folder) }
    return unsafe renameat(folder, url.lastPathComponent, folder, name) == 0
  }

  private static func open(_ path: String, root: String, _ flags: Int32, followsLinks: Bool) -> Int32? {
    let top = unsafe Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard top >= 0 else { return nil }
    defer { close(top) }
    // A pipe in a file's place would make its reader wait.
    let number = unsafe linux_open_in_root(top, path, flags | O_CLOEXEC | O_NONBLOCK, followsLinks ? 1 : 0)
    guard number >= 0 else { return nil }
    var status = stat()
    let expected: mode_t = flags & O_DIRECTORY != 0 ? S_IFDIR : S_IFREG
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == expected else {
      close(number)
      return nil
    }
    return number
  }
}
