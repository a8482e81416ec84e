import Containers
import Foundation
import Glibc
import Testing

/// The feed's reader holds no privilege: connections come from somebody else.
@Suite struct EngineConnectorTests {
  /// A connector on a thread, and the reader's end of it. `asked` counts the connections that were asked for.
  private static func connections(_ path: String) throws -> EngineConnections {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    let other = ends[1]
    Thread.detachNewThread {
      EngineConnector.serve(other, path: path)
      close(other)
    }
    return EngineConnections(ends[0])
  }

  @Test func `follows an engine through connections that another opens`() throws {
    let engine = try RecordedEngine()
    guard case .unixSocket(let path) = engine.address else { return }
    let connections = try Self.connections(path)
    // Where it would connect by itself there is nobody.
    let feed = try RunningFeed { ContainerFeed.run(.unixSocket(path: "/nowhere"), connections, output: $0) }
    #expect(feed.waits(seconds: 2) { $0.first == .snapshot(ContainerSnapshot()) })
    try engine.endEvents()
    #expect(feed.waits { $0.contains { $0.lostReason != nil } })
    try engine.directory.write("", to: "events")
    #expect(feed.waits { $0.contains(.back) && $0.last?.snapshot != nil })
    #expect(feed.end())
  }

  @Test func `an engine that is away, and comes, is told of in the connector's words`() throws {
    let engine = try RecordedEngine()
    let path = engine.directory.path("moved")
    let connections = try Self.connections(path)
    let feed = try RunningFeed { ContainerFeed.run(.unixSocket(path: path), connections, output: $0) }
    #expect(feed.waits(seconds: 2) { $0.first?.lostReason?.hasSuffix("No such file or directory") == true })
    try FileManager.default.moveItem(atPath: engine.directory.path("socket"), toPath: path)
    #expect(feed.waits { $0.contains(.back) && $0.last?.snapshot != nil })
    #expect(feed.end())
  }

  @Test func `a connector that has gone is an engine that cannot be read`() throws {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    close(ends[1])
    let connections = EngineConnections(ends[0])
    let feed = try RunningFeed { ContainerFeed.run(.unixSocket(path: "/nowhere"), connections, output: $0) }
    #expect(feed.waits(seconds: 2) { $0.first?.lostReason?.hasSuffix("Broken pipe") == true })
    #expect(feed.end())
  }

  @Test func `a connector that does not answer is waited for no longer than a second`() throws {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    let connections = EngineConnections(ends[0])
    let feed = try RunningFeed { ContainerFeed.run(.unixSocket(path: "/nowhere"), connections, output: $0) }
    #expect(feed.waits(seconds: 2) { $0.first?.lostReason != nil })
    #expect(feed.end())
  }
}
