import Foundation

/// The files that a user names; a folder stands for the summaries, or the evidence, in it.
enum SummaryFiles {
  static func of(_ paths: [String]) throws -> [String] {
    try paths.flatMap { try files($0, "summary", [".json", ".ndjson"]) }
  }

  static func evidence(_ paths: [String]) throws -> [String] {
    try paths.flatMap { try files($0, "evidence", [".pcapng"]) }
  }

  private static func files(_ path: String, _ kind: String, _ endings: [String]) throws -> [String] {
    guard path != "-", URL(filePath: path).isFolder else { return [path] }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw Failure(status: .noPermission, message: "\(path): the folder cannot be read; check its owner and mode")
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let files = names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted().map { folder + $0 }
    if files.isEmpty {
      throw Failure(
        status: .noInput,
        message: "\(path): there is no \(kind) in this folder (\(endings.map { "*" + $0 }.joined(separator: ", ")))")
    }
    return files
  }
}

extension URL {
  fileprivate var isFolder: Bool {
    (try? resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
  }
}
