import Foundation
import TestNeeds
import TestSupport
import Testing

@testable import Drilling

/// What a killed drill leaves is believed only if root wrote it.
struct LiveJournalTests {
  private let directory: TemporaryDirectory
  private var journal: LiveJournal { LiveJournal(path: directory.path("journal")) }
  private static let deeds = Self.deeds(isTunnelTaken: true)
  private static let ids = (gateway: String(repeating: "a", count: 64), consumer: String(repeating: "0", count: 64))

  init() throws { directory = try TemporaryDirectory() }

  private static func deeds(isTunnelTaken: Bool, gateway: String = ids.gateway) -> LiveDeeds {
    let text = """
      {"isTunnelTaken":\(isTunnelTaken),"gateway":{"id":"\(gateway)","name":"vpn","wasHealthy":true},
      "consumers":[{"id":"\(ids.consumer)","name":"app","wasHealthy":false}]}
      """
    // It is written here as a killed drill of another version may have.
    return try! JSONDecoder().decode(LiveDeeds.self, from: Data(text.utf8))
  }

  private func append(_ text: String) throws {
    let old = (try? String(contentsOfFile: journal.path, encoding: .utf8)) ?? ""
    try Data((old + text).utf8).write(to: URL(filePath: journal.path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: journal.path)
  }

  @Test(.needs(.root)) func `deeds are read back, the last one first, until all are undone`() throws {
    #expect(try journal.read().isEmpty)
    try journal.add(Self.deeds(isTunnelTaken: true))
    try journal.add(Self.deeds(isTunnelTaken: false))
    #expect(try journal.read() == [Self.deeds(isTunnelTaken: false), Self.deeds(isTunnelTaken: true)])
    #expect(LiveDeeds(try journal.read())?.isTunnelTaken == true)
    try journal.clear()
    #expect(try journal.read().isEmpty)
    #expect(LiveDeeds(try journal.read()) == nil)
  }

  @Test(.needs(.root)) func `a line that is not whole is of a deed that was not begun`() throws {
    try journal.add(Self.deeds)
    try append("{\"isTunnelTaken\":tr")
    #expect(try journal.read() == [Self.deeds])
  }

  @Test(
    .needs(.root),
    arguments: ["--privileged", "a", String(repeating: "A", count: 64), String(repeating: "a", count: 64) + ";reboot"])
  func `what is no container's id is not handed to the engine`(id: String) throws {
    try journal.add(Self.deeds(isTunnelTaken: true, gateway: id))
    #expect(throws: DrillProblem.self) { try journal.read() }
  }

  @Test(.needs(.root)) func `a journal of somebody else's is not believed`() throws {
    try journal.add(Self.deeds)
    try FileManager.default.setAttributes([.posixPermissions: 0o622], ofItemAtPath: journal.path)
    #expect(throws: DrillProblem.self) { try journal.read() }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: journal.path)
    #expect(try journal.read().count == 1)
    try FileManager.default.linkItem(atPath: journal.path, toPath: directory.path("link"))
    #expect(throws: DrillProblem.self) { try journal.read() }
    try FileManager.default.removeItem(atPath: directory.path("link"))
    try FileManager.default.setAttributes([.ownerAccountID: 65534], ofItemAtPath: journal.path)
    #expect(throws: DrillProblem.self) { try journal.read() }
    try FileManager.default.moveItem(atPath: journal.path, toPath: directory.path("elsewhere"))
    try FileManager.default.setAttributes([.ownerAccountID: 0], ofItemAtPath: directory.path("elsewhere"))
    try FileManager.default.createSymbolicLink(
      atPath: journal.path, withDestinationPath: directory.path("elsewhere"))
    #expect(throws: DrillProblem.self) { try journal.read() }
    #expect(throws: DrillProblem.self) { try journal.add(Self.deeds) }
  }

  @Test(.needs(.root)) func `a folder that is not a drill's, or of nobody's trust, is left alone`() throws {
    let folder = directory.path("leakaudit-live-abcdef")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
    #expect(try LiveHost.undoLeftovers(in: directory.url.path) { _ in } == 0)
    #expect(FileManager.default.fileExists(atPath: folder))
    // One without deeds is removed.
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
    #expect(try LiveHost.undoLeftovers(in: directory.url.path) { _ in } == 0)
    #expect(!FileManager.default.fileExists(atPath: folder))
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.url.path)
    #expect(throws: DrillProblem.self) { try LiveHost.undoLeftovers(in: directory.url.path) { _ in } }
    try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: directory.url.path)
    #expect(try LiveHost.undoLeftovers(in: directory.url.path) { _ in } == 0)
  }

  @Test(.needs(.root)) func `two drills of running stacks do not go on at once`() throws {
    let host = try LiveHost(in: directory.url.path, program: "/bin/true")
    #expect(throws: DrillProblem.self) { try LiveHost.undoLeftovers(in: directory.url.path) { _ in } }
    host.end()
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path).isEmpty)
  }

  @Test(.needs(.root)) func `what is not undone stays written down`() throws {
    let host = try LiveHost(in: directory.url.path, program: "/bin/true")
    try host.journal.add(Self.deeds)
    host.end()
    #expect(try LiveJournal(path: "\(host.folder)/journal").read() == [Self.deeds])
  }
}
