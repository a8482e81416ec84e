import Cryptography
import Foundation
import Summaries

/// Identifies a capture that a finding cites: by name, length and SHA-256.
enum CaptureHash {
  private static let piece = 1 << 20

  /// The hashes of the files as they are now. Nil if one cannot be read or is not a regular file: a report without
  /// hashes is better than one with half of them.
  static func of(_ paths: [String]) -> [Summary.CaptureFile]? {
    var files: [Summary.CaptureFile] = []
    for path in paths {
      guard FileSystem.isRegularFile(path), let file = try? hash(path) else { return nil }
      files.append(file)
    }
    return files.isEmpty ? nil : files
  }

  private static func hash(_ path: String) throws -> Summary.CaptureFile {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    var hash = SHA256()
    var length = 0
    while let bytes = try file.read(upToCount: piece), !bytes.isEmpty {
      hash.update(Array(bytes))
      length += bytes.count
    }
    let digits = hash.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return Summary.CaptureFile(name: path, bytes: length, sha256: digits)
  }
}
