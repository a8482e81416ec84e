import Containers
import Foundation
import Glibc
import TestNeeds
import TestSupport
import Testing

/// The feed's reader has no privileges: another process opens its connections.
@Suite(.needs(.python)) struct EngineConnectorTests {
  /// A connector on a thread, and the reader's end of it.
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

  @Test func `follows an engine through connections that another process opens`() throws {
    let engine = try RecordedEngine()
    guard case .unixSocket(let path) = engine.address else { return }
    let connections = try Self.connections(path)
    // If it connected by itself, it would find no engine.
    let feed = try RunningFeed { ContainerFeed.run(.unixSocket(path: "/nowhere"), connections, output: $0) }
    #expect(feed.waits(seconds: 2) { $0.first == .snapshot(ContainerSnapshot()) })
    try engine.endEvents()
    #expect(feed.waits { $0.contains { $0.lostReason != nil } })
    try engine.directory.file("events", "")
    #expect(feed.waits { $0.contains(.back) && $0.last?.snapshot != nil })
    #expect(feed.end())
  }

  @Test func `a missing engine is reported in the connector's words`() throws {
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

  @Test func `an answer that comes too late is dropped`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("socket")
    let listener = try Self.listener(path)
    defer { close(listener) }
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    let (connections, other) = (EngineConnections(ends[0]), ends[1])
    for _ in 0..<2 { #expect(throws: Engine.Problem.self) { close(try connections.open()) } }
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.3)
      EngineConnector.serve(other, path: path)
      close(other)
    }
    let connection = try connections.open()
    defer { close(connection) }
    // In the order in which they were asked for; of the first two the reader has dropped its end.
    var byte = UInt8(ascii: "x")
    #expect(unsafe write(connection, &byte, 1) == 1)
    let counts = (0..<3).map { _ in
      let accepted = accept(listener, nil, nil)
      defer { close(accepted) }
      return unsafe read(accepted, &byte, 1)
    }
    #expect(counts == [0, 0, 1])
  }

  private static func listener(_ path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let status = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(status == 0 && listen(listener, 8) == 0)
    return listener
  }
}
