import Foundation

/// The files that a user names; a folder stands for the summaries in it.
enum SummaryFiles {
  static func of(_ paths: [String]) throws -> [String] { try paths.flatMap(files) }

  private static func files(_ path: String) throws -> [String] {
    guard path != "-", URL(filePath: path).isFolder else { return [path] }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw Failure(status: .noPermission, message: "\(path): the folder cannot be read; check its owner and mode")
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let files = names.filter { $0.hasSuffix(".json") || $0.hasSuffix(".ndjson") }.sorted().map { folder + $0 }
    if files.isEmpty {
      throw Failure(status: .noInput, message: "\(path): there is no summary in this folder (*.json, *.ndjson)")
    }
    return files
  }
}

extension URL {
  fileprivate var isFolder: Bool {
    (try? resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
  }
}
