public import Foundation

/// A directory that is removed with its value.
public final class TemporaryDirectory: Sendable {
  public let path: String

  /// The name is short: a socket's path has at most 107 bytes.
  public init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "leakaudit-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  public var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

  /// The names of what is in it, sorted.
  public var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? [] }

  public func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, makes the folders that it needs, and returns its path. Whoever waits for the file never sees a part
  /// of it.
  @discardableResult
  public func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = URL(filePath: path(name))
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file, options: .atomic)
    return file.path
  }

  @discardableResult
  public func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

  /// What a file holds; empty if there is no file.
  public func text(_ name: String) -> String {
    FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The complete lines of a file; none if there is no file.
  public func lines(_ name: String) -> [String] {
    text(name).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
}
