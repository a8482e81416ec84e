import Foundation
import Glibc
import Outputs
import Policy
import TestSupport
import Testing

@Suite struct SyslogTests {
  @Test func `speaks RFC 5424 with the machine's name and the program's number`() throws {
    let directory = try TemporaryDirectory()
    let daemon = try LogDaemon(directory.path("log"))
    var syslog = try Syslog(path: directory.path("log"), dialect: .rfc5424)
    #expect(failure(&syslog, alert(1, .critical, reason: "tunnel-address")) == nil)
    // RFC 5424 section 6: HEADER SP STRUCTURED-DATA SP MSG, with the NILVALUE for structured data.
    let header =
      #/<(?<priority>[1-9][0-9]{0,2}|0)>1 [0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{1,6}Z (?<host>[!-~]{1,255}) (?<application>[!-~]{1,48}) (?<process>[!-~]{1,128}) (?<message>[!-~]{1,32}) - (?<text>.*)/#
    let match = try #require(daemon.receive().wholeMatch(of: header))
    #expect(match.priority == "26", "daemon.crit")
    #expect(String(match.host) == ProcessInfo.processInfo.hostName.prefix(255))
    #expect(match.application == "leakaudit")
    #expect(match.process == "\(getpid())")
    #expect(match.message == "tunnel-address")
    #expect(String(match.text) == alert(1, reason: "tunnel-address").json)
  }

  @Test(arguments: zip(Severity.allCases, [30, 29, 28, 27, 26]))
  func `begins as syslog(3) does, with facility daemon`(severity: Severity, priority: Int) throws {
    let directory = try TemporaryDirectory()
    let daemon = try LogDaemon(directory.path("log"))
    var syslog = try Syslog(path: directory.path("log"))
    #expect(failure(&syslog, alert(1, severity)) == nil)
    let message = daemon.receive()
    let match = try #require(
      message.wholeMatch(
        of: #/<([0-9]+)>[A-Z][a-z]{2} [ 123][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} leakaudit\[([0-9]+)\]: (.*)/#),
      "\(message)")
    #expect(match.1 == "\(priority)")
    #expect(match.2 == "\(getpid())")
    #expect(String(match.3) == alert(1, severity).json)
  }

  @Test func `finds the daemon again after its restart`() throws {
    let directory = try TemporaryDirectory()
    var syslog = try Syslog(path: directory.path("log"))
    do {
      let daemon = try LogDaemon(directory.path("log"))
      #expect(failure(&syslog, alert(1)) == nil)
      #expect(daemon.receive().hasSuffix(alert(1).json))
    }
    let ending = Ending()
    ending.set(.now)
    #expect(failure(&syslog, alert(2), ending) == "Connection refused")
    _ = unsafe unlink(directory.path("log"))
    #expect(failure(&syslog, alert(3), ending) == "No such file or directory")
    let daemon = try LogDaemon(directory.path("log"))
    #expect(failure(&syslog, alert(4)) == nil)
    #expect(daemon.receive().hasSuffix(alert(4).json))
  }

  @Test(arguments: SyslogDialect.allCases)
  func `sends the line for people, cut at a whole character, where the object is too long`(dialect: SyslogDialect)
    throws
  {
    let directory = try TemporaryDirectory()
    let daemon = try LogDaemon(directory.path("log"))
    var syslog = try Syslog(path: directory.path("log"), dialect: dialect)
    var long = alert()
    long.json = #"{"name":"\#(String(repeating: "x", count: 9000))"}"#
    long.text = "alert " + String(repeating: "é", count: 5000)
    #expect(failure(&syslog, long) == nil)
    let message = daemon.receive()
    #expect([SyslogMessage.longest, SyslogMessage.longest - 1].contains(message.utf8.count))
    #expect(message.contains("alert éé") && message.hasSuffix("é"))
  }

  @Test func `refuses a path that no socket can have`() throws {
    #expect(throws: DeliveryFailure.self) { _ = try Syslog(path: "/" + String(repeating: "x", count: 108)) }
  }
}

/// A socket on which messages for the log arrive.
private struct LogDaemon: ~Copyable {
  private let socket: Int32

  init(_ path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8).prefix(107)) }
    let status = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw ToolFailure(message: "cannot bind \(path)") }
  }

  deinit { close(socket) }

  /// The next message; empty if none comes in ten seconds.
  func receive() -> String {
    var request = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, 10_000) == 1 else { return "" }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe recv(socket, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
