import Foundation
import Savefile
import TestSupport
import Testing

/// Real files: after every kind of end they hold only complete blocks.
@Suite struct BlockFileTests {
  @Test func `only the owner may read it`() throws {
    let directory = try TemporaryDirectory()
    let file = try BlockFile(creating: directory.path("new"))
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `neither a file nor a symbolic link is written over`() throws {
    let directory = try TemporaryDirectory()
    let victim = try directory.file("victim", [1, 2, 3])
    let link = directory.path("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: victim)
    let dangling = directory.path("dangling")
    try FileManager.default.createSymbolicLink(atPath: dangling, withDestinationPath: directory.path("made"))
    for path in [victim, link, dangling] {
      #expect { _ = try BlockFile(creating: path) } throws: { ($0 as? WriteError)?.isTaken == true }
    }
    #expect(try Data(contentsOf: URL(filePath: victim)) == Data([1, 2, 3]))
    #expect(!FileManager.default.fileExists(atPath: directory.path("made")))
  }

  @Test func `writing continues after its path is gone`() throws {
    let directory = try TemporaryDirectory()
    var file = try BlockFile(creating: directory.path("new"))
    try FileManager.default.moveItem(atPath: file.path, toPath: directory.path("moved"))
    try file.append([1, 2, 3, 4])
    try file.synchronize()
    #expect(try Data(contentsOf: URL(filePath: directory.path("moved"))) == Data([1, 2, 3, 4]))
  }

  /// In a process of its own, whose file size limit cuts the second block in its middle.
  @Test func `a block that only fits in part is removed, and the process lives`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("limited")
    await #expect(processExitsWith: .success) { [path = path as String] in
      // A parent may ignore the signal, and the tests' threads block signals.
      signal(SIGXFSZ, SIG_DFL)
      var signals = sigset_t()
      unsafe sigemptyset(&signals)
      unsafe sigaddset(&signals, SIGXFSZ)
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      var file = try BlockFile(creating: path)
      var limit = rlimit(rlim_cur: 1500, rlim_max: 1500)
      try #require(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      try file.append([UInt8](repeating: 1, count: 1000))
      #expect { try file.append([UInt8](repeating: 2, count: 1000)) } throws: { ($0 as? WriteError)?.code == EFBIG }
      #expect(file.length == 1000)
      try file.append([UInt8](repeating: 3, count: 500))
      #expect(file.length == 1500)
    }
    #expect(
      try Data(contentsOf: URL(filePath: path))
        == Data(repeating: 1, count: 1000) + Data(repeating: 3, count: 500))
  }
}
