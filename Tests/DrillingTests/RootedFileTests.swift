import Foundation
import Glibc
import TestSupport
import Testing

@testable import Drilling

/// A container may have put anything in a file's place.
struct RootedFileTests {
  private let folder: String
  private var root: String { folder + "/root" }

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/rooted-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
    try write("inside", root + "/etc/file")
    try write("outside", folder + "/file")
  }

  private func end() { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

  private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  private func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  }

  @Test func linksAreReadAsTheyLeadThere() throws {
    defer { end() }
    try link(root + "/absolute", to: "/etc/file")
    try link(root + "/escaping", to: "../../../etc/file")
    try link(root + "/leading-out", to: folder + "/file")
    #expect(RootedFile.read("/etc/file", root: root) == "inside")
    #expect(RootedFile.read("/absolute", root: root) == "inside")
    #expect(RootedFile.read("/escaping", root: root) == "inside")
    #expect(RootedFile.read("/leading-out", root: root) == nil)
  }

  @Test func nothingIsWrittenThroughALink() throws {
    defer { end() }
    try link(root + "/file", to: folder + "/file")
    try link(root + "/folder", to: folder)
    #expect(!RootedFile.overwrite("/file", root: root, with: "new"))
    #expect(!RootedFile.overwrite("/folder/file", root: root, with: "new"))
    #expect(!RootedFile.rename("/folder/file", to: "away", root: root))
    #expect(text(folder + "/file") == "outside")
  }

  @Test func filesAreReplacedAndRenamed() throws {
    defer { end() }
    #expect(RootedFile.overwrite("/etc/file", root: root, with: "new"))
    #expect(text(root + "/etc/file") == "new")
    #expect(RootedFile.overwrite("/etc/file", root: root, with: ""))
    #expect(text(root + "/etc/file") == "")
    #expect(RootedFile.rename("/etc/file", to: "away", root: root))
    #expect(text(root + "/etc/away") == "")
  }

  @Test func whatIsNoFileIsNotRead() throws {
    defer { end() }
    #expect(unsafe mkfifo(root + "/pipe", 0o600) == 0)
    #expect(RootedFile.read("/pipe", root: root) == nil)
    #expect(!RootedFile.overwrite("/pipe", root: root, with: "new"))
    #expect(RootedFile.read("/etc", root: root) == nil)
    #expect(RootedFile.read("/missing", root: root) == nil)
  }

  @Test func aHugeFileIsReadToTheLimit() throws {
    defer { end() }
    #expect(unsafe truncate(root + "/etc/file", 1 << 40) == 0)
    #expect(RootedFile.read("/etc/file", root: root, limit: 100)?.utf8.count == 100)
  }
}
