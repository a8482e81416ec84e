import Foundation
import TestNeeds
import Testing
import Transfer

@Suite(.needs(.python)) struct HTTPTransferTests {
  private let server: TestServer

  init() throws { server = try TestServer() }

  private func request(_ path: String) -> HTTPRequest { HTTPRequest("\(server.address)/\(path)") }

  private func failure(_ request: HTTPRequest) -> String? {
    do throws(TransferError) {
      _ = try HTTPTransfer.perform(request)
      return nil
    } catch { return error.reason }
  }

  @Test func `sends method, fields and body, and brings status and body`() throws {
    var post = request("anywhere")
    post.method = "POST"
    post.fields = [("X-Asked", "field")]
    post.body = Array("bödy\0".utf8)
    let reply = try HTTPTransfer.perform(post)
    #expect(reply.status == 201)
    #expect(String(decoding: reply.body, as: UTF8.self) == "field|bödy\0")
  }

  @Test func `sends an empty body`() throws {
    var post = request("anywhere")
    post.method = "POST"
    post.body = []
    #expect(try HTTPTransfer.perform(post).body == Array("|".utf8))
  }

  @Test func `an answer with an error status is an answer`() throws {
    let reply = try HTTPTransfer.perform(request("busy"))
    #expect(reply.status == 503 && reply.retryAfter == "7" && reply.body == Array("later".utf8))
    #expect(try HTTPTransfer.perform(request("empty")).body.isEmpty)
  }

  @Test func `follows no redirect`() throws {
    #expect(try HTTPTransfer.perform(request("moved")).status == 302)
  }

  @Test func `speaks over a unix socket`() throws {
    var local = HTTPRequest("http://docker/long")
    local.socketPath = server.socketPath
    #expect(try HTTPTransfer.perform(local).body.count == 100_000)
    local.socketPath = server.socketPath + ".none"
    #expect(failure(local)?.isEmpty == false)
  }

  @Test func `accepts a body up to its limit and none beyond`() throws {
    var long = request("long")
    long.bodyLimit = 100_000
    #expect(try HTTPTransfer.perform(long).body.count == 100_000)
    long.bodyLimit = 99_999
    #expect(failure(long) == "the answer is longer than 99999 bytes")
  }

  @Test func `gives up on a server that says nothing`() {
    var silent = request("silent")
    silent.limit = .milliseconds(200)
    let start = ContinuousClock.now
    #expect(failure(silent)?.lowercased().contains("timeout") == true)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test(arguments: ["file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://", ""])
  func `speaks HTTP and nothing else`(address: String) {
    #expect(failure(HTTPRequest(address)) != nil)
  }

  @Test func `an error does not repeat the address`() {
    #expect(failure(HTTPRequest("http://user:secret@127.0.0.1:1/secret"))?.contains("secret") == false)
  }

  @Test func `streams until the reader has enough`() throws {
    var numbers = request("numbers")
    numbers.limit = nil
    var text = ""
    let status = try HTTPTransfer.stream(numbers) { bytes in
      text += String(decoding: bytes, as: UTF8.self)
      return !text.contains("99\n")
    }
    #expect(status == 200)
    #expect(text.hasPrefix((0..<99).map { "\($0)\n" }.joined()))
    #expect(try server.endOfStream() == "numbers")
  }

  @Test func `a stream reports its start before its first bytes`() throws {
    var order: [String] = []
    let status = try HTTPTransfer.stream(
      request("long"), onStart: { order.append("status \($0)") },
      onBytes: { _ in
        order.append("bytes")
        return true
      })
    #expect(status == 200)
    #expect(order.first == "status 200" && order.dropFirst().allSatisfy { $0 == "bytes" } && order.count > 1)
  }

  @Test func `a stream of a server that has gone is an error`() {
    #expect(throws: TransferError.self) {
      _ = try HTTPTransfer.stream(HTTPRequest("http://127.0.0.1:1/")) { _ in true }
    }
  }
}
