import Foundation
import Testing

@testable import Drilling

/// Programs of the island begin in another folder than this one, and see links that this machine has.
struct TwinPathTests {
  @Test func aRelativePathBeginsHere() {
    let here = FileManager.default.currentDirectoryPath
    #expect(TwinFiles.whole("wg/wg0.conf") == here + "/wg/wg0.conf")
    #expect(TwinFiles.whole("./compose.yaml") == here + "/compose.yaml")
    #expect(TwinFiles.whole("/srv/compose.yaml") == "/srv/compose.yaml")
    #expect(TwinFiles.canonical("Package.swift").hasPrefix("/"))
  }

  @Test func aCanonicalPathHasNoLinks() throws {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/twin-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: folder + "/data/wg0.conf"))
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/data")
    #expect(TwinFiles.canonical(folder + "/link/wg0.conf") == folder + "/data/wg0.conf")
  }
}
