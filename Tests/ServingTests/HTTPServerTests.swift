import Foundation
import Glibc
import Policy
import Synchronization
import Testing
import Wire

@testable import Serving

/// A server on the loopback interface, used over real sockets. CommandTests tests how the program uses it.
@Suite struct HTTPServerTests {
  private final class Desk: Site {
    let isReady = Atomic<Bool>(false)

    func answer(_ request: Request) -> Answer {
      switch request.path {
      case "/events": .events
      case "/big": .response(Response(.ok, Response.text, String(repeating: "x", count: 8 << 20)))
      default:
        isReady.load(ordering: .relaxed)
          ? .response(Response(.ok, Response.text, "ready\n"))
          : .later(otherwise: Response(.unavailable, Response.text, "not ready\n"))
      }
    }
  }

  private let desk = Desk()
  private let bell: Bell
  private let server: HTTPServer
  private let port: UInt16

  init() throws {
    let socket = try ListeningSocket(Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0))
    bell = try #require(Bell())
    port = socket.endpoint.port
    var limits = HTTPServer.Limits()
    limits.step = .milliseconds(300)
    limits.answer = .milliseconds(300)
    limits.keepAlive = .milliseconds(200)
    limits.connections = 8
    limits.connectionsOfPeer = 6
    limits.listeners = 2
    server = HTTPServer(socket, site: desk, access: AccessCheck(names: [], token: nil), bell: bell, limits: limits)
  }

  private func connect() throws -> Peer { try Peer(port) }

  @Test func `a pending answer is waited for, but not forever`() throws {
    defer { server.end() }
    let late = try connect()
    late.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(late.all().hasSuffix("not ready\n"))
    let soon = try connect()
    soon.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    desk.isReady.store(true, ordering: .relaxed)
    bell.ring()
    #expect(soon.all().hasSuffix("ready\n"))
  }

  @Test func `a client that closes its side after the request still gets the answer`() throws {
    defer { server.end() }
    let peer = try connect()
    peer.send("GET /big HTTP/1.0\r\nHost: localhost\r\n\r\n")
    peer.sayNoMore()
    #expect(peer.all().utf8.count > 8 << 20)
  }

  @Test func `drops a client that sends no head or reads nothing`() throws {
    defer { server.end() }
    let silent = try connect()
    silent.send("GET / HTTP/1.1\r\nHo")
    #expect(silent.all().hasPrefix("HTTP/1.1 408 "))
    let stuck = try connect()
    stuck.send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(stuck.reads(until: "HTTP/1.1 200 "))
    // Longer than its step, plus one more round.
    Thread.sleep(forTimeInterval: 2)
    #expect(stuck.all().utf8.count < 8 << 20)
  }

  @Test func `a silent client makes room for a new one at once`() throws {
    defer { server.end() }
    desk.isReady.store(true, ordering: .relaxed)
    // More than there are places, all of them newer than the step allows.
    var idle: [Peer] = []
    for round in 0..<20 {
      for number in 0..<10 {
        idle.append(try connect())
        if number % 2 == 0 { idle.last?.send("GET / HTTP/1.1\r\nHo") }
      }
      let start = ContinuousClock.now
      let next = try connect()
      next.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(next.all().hasSuffix("ready\n"))
      #expect(ContinuousClock.now - start < .milliseconds(250), "round \(round): no step of an idle one was waited for")
    }
    withExtendedLifetime(idle) {}
  }

  @Test func `an answered client that stays makes room too`() throws {
    defer { server.end() }
    desk.isReady.store(true, ordering: .relaxed)
    // Each has its answer, and keeps its side open.
    let answered = try (0..<20).map { _ in
      let peer = try connect()
      peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(peer.reads(until: "ready\n"))
      return peer
    }
    withExtendedLifetime(answered) {}
  }

  @Test func `one peer can take only some of the connections`() throws {
    defer { server.end() }
    let greedy = try (0..<6).map { _ in
      let peer = try connect()
      peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      return peer
    }
    // Six wait for their answer: none of this peer's connections can be dropped.
    #expect(try connect().all().isEmpty)
    let other = try Peer(port, from: 0x7F00_0002)
    desk.isReady.store(true, ordering: .relaxed)
    other.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(other.all().hasSuffix("ready\n"))
    bell.ring()
    #expect(greedy.prefix(6).allSatisfy { $0.all().hasSuffix("ready\n") })
  }

  @Test func `listeners get events at once, in order, and a slow one is dropped`() throws {
    defer { server.end() }
    let listener = try connect()
    listener.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(listener.reads(until: ": listening"))
    let slow = try connect()
    slow.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(slow.reads(until: ": listening"))
    let third = try connect()
    third.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(third.all().hasPrefix("HTTP/1.1 503 "))
    #expect(listener.reads(until: ": still here"))

    let event = "{\"text\":\"\(String(repeating: "x", count: 8000))\"}"
    for number in 1...1000 {
      server.publish(event, .high)
      #expect(listener.reads(until: "id: \(number)\n"), "\(number)")
      #expect(listener.reads(until: "\"}\n\n"))
    }
    // Its 8 MB were not kept in memory.
    #expect(slow.all().utf8.count < 8 << 20)
    let back = try connect()
    back.send("GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 998\r\n\r\n")
    #expect(back.reads(until: "id: 999\n"))
    #expect(back.reads(until: "id: 1000\n"))
  }
}

/// The other end of a connection.
private final class Peer {
  private let number: Int32
  private var rest: [UInt8] = []

  /// Every address of 127.0.0.0/8 is this machine's.
  init(_ port: UInt16, from source: UInt32 = 0x7F00_0001) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_addr.s_addr = source.bigEndian
    let isBound = unsafe withUnsafePointer(to: &own) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe Glibc.bind(number, address, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(isBound == 0)
    var size: Int32 = 4096
    unsafe setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, 4)
    // Only to avoid hanging.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe Glibc.connect(number, address, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
  }

  deinit { close(number) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(unsafe Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
  }

  func sayNoMore() { shutdown(number, Int32(SHUT_WR)) }

  /// Everything until the server closes.
  func all() -> String {
    while receive() {}
    defer { rest = [] }
    return String(decoding: rest, as: UTF8.self)
  }

  /// Reads until this text came, and returns all up to there. False if it never comes.
  func reads(until words: String) -> Bool {
    let words = Array(words.utf8)
    while true {
      if let range = rest.firstRange(of: words) {
        rest.removeSubrange(..<range.upperBound)
        return true
      }
      guard receive() else { return false }
    }
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(number, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    rest += buffer[..<count]
    return true
  }
}
