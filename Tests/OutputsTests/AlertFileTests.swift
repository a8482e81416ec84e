import Foundation
import Glibc
import Outputs
import TestNeeds
import TestSupport
import Testing

@Suite struct AlertFileTests {
  @Test func `appends one line for each alert, and lets only its owner read`() throws {
    let directory = try TemporaryDirectory()
    for round in 0..<2 {
      var file = try AlertFile(path: directory.path("alerts"))
      for number in 0..<3 { #expect(failure(&file, alert(round * 3 + number)) == nil) }
    }
    #expect(directory.lines("alerts") == (0..<6).map { alert($0).json })
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.path("alerts"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `two writers' lines stay whole`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    let threads = try (0..<2).map { _ in OutletThread(try AlertFile(path: path), capacity: 4000) { _ in } }
    for number in 0..<4000 {
      for (writer, thread) in threads.enumerated() { thread.post(alert(number * 2 + writer)) }
    }
    #expect(Outbox(threads).finish(within: .seconds(30)).map(\.delivered) == [4000, 4000])
    #expect(Set(directory.lines("alerts")) == Set((0..<8000).map { alert($0).json }))
  }

  @Test func `starts a new line after half a line of an earlier run`() throws {
    let directory = try TemporaryDirectory()
    try Data(#"{"number":0,"#.utf8).write(to: URL(filePath: directory.path("alerts")))
    var file = try AlertFile(path: directory.path("alerts"))
    for number in 1...2 { #expect(failure(&file, alert(number)) == nil) }
    #expect(directory.lines("alerts") == [#"{"number":0,"#, alert(1).json, alert(2).json])
  }

  /// As in a watch, which gives up root after it opened the file (tried in the lab): it can no longer be opened by
  /// name.
  @Test func `notices half a line in a file that it can no longer open`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    try Data(#"{"number":0,"#.utf8).write(to: URL(filePath: path))
    let opened = try AlertFile.open(path)
    #expect(unsafe chmod(path, 0o000) == 0)
    #expect(unsafe rename(path, directory.path("moved")) == 0)
    var file = AlertFile(opened, path: path)
    #expect(failure(&file, alert(1)) == nil)
    #expect(unsafe chmod(directory.path("moved"), 0o600) == 0)
    #expect(directory.lines("moved") == [#"{"number":0,"#, alert(1).json])
  }

  /// As logrotate does it: the old file is moved, and the program is told.
  @Test func `opens its file anew when it is told, and loses no alert on the way`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    let said = Diagnostics()
    let thread = OutletThread(try AlertFile(path: path), say: said.say)
    let outbox = Outbox([thread])
    thread.post(alert(1))
    #expect(waits { directory.lines("alerts").count == 1 })
    #expect(unsafe rename(path, directory.path("moved")) == 0)
    thread.post(alert(2))
    #expect(outbox.reopenFiles())
    // What waits is written in the order of severities, and the request goes with the worst.
    #expect(waits { FileManager.default.fileExists(atPath: path) })
    thread.post(alert(3))
    #expect(outbox.finish(within: .seconds(10)).map(\.delivered) == [3])
    #expect(Set(directory.lines("moved") + directory.lines("alerts")) == Set((1...3).map { alert($0).json }))
    #expect(directory.lines("alerts").contains(alert(3).json) && directory.lines("moved").contains(alert(1).json))
    #expect(said.all.isEmpty)
  }

  @Test func `keeps the old file if the new one cannot be opened, and says so`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    let said = Diagnostics()
    let thread = OutletThread(try AlertFile(path: path), say: said.say)
    #expect(unsafe rename(path, directory.path("moved")) == 0)
    // In the place of the file there is a directory.
    #expect(unsafe mkdir(path, 0o700) == 0)
    #expect(Outbox([thread]).reopenFiles())
    thread.post(alert(1))
    #expect(Outbox([thread]).finish(within: .seconds(10)).map(\.delivered) == [1])
    #expect(directory.lines("moved") == [alert(1).json])
    #expect(said.all.count == 1 && said.all[0].hasSuffix("alerts still go to the old file"), "\(said.all)")
  }

  @Test func `an outlet without a file has nothing to open anew`() {
    let outbox = Outbox([OutletThread(AlertCommand("true")) { _ in }])
    #expect(!outbox.reopenFiles())
    #expect(outbox.finish(within: .seconds(10)).map(\.delivered) == [0])
  }

  @Test func `notices half a line of another writer, and a file that was emptied`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    var file = try AlertFile(path: path)
    #expect(failure(&file, alert(1)) == nil)
    let other = unsafe open(path, O_WRONLY | O_APPEND)
    #expect(unsafe write(other, "half", 4) == 4)
    #expect(failure(&file, alert(2)) == nil)
    #expect(failure(&file, alert(3)) == nil)
    #expect(directory.lines("alerts") == [alert(1).json, "half", alert(2).json, alert(3).json])
    #expect(unsafe write(other, "half", 4) == 4)
    #expect(ftruncate(other, 0) == 0)
    close(other)
    #expect(failure(&file, alert(4)) == nil)
    #expect(directory.lines("alerts") == [alert(4).json])
  }

  @Test func `starts a new line if the file's end cannot be read`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    try Data("half".utf8).write(to: URL(filePath: path))
    var file = AlertFile(.init(number: unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)), path: path)
    for number in 1...2 { #expect(failure(&file, alert(number)) == nil) }
    #expect(directory.lines("alerts") == ["half", alert(1).json, alert(2).json])
  }

  @Test func `writes to a FIFO, and reports when its reader has gone`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("fifo")
    #expect(unsafe mkfifo(path, 0o600) == 0)
    let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
    let said = Diagnostics()
    let thread = OutletThread(try AlertFile(path: path), say: said.say)
    thread.post(alert(1))
    var bytes = [UInt8](repeating: 0, count: 4096)
    var count = 0
    #expect(
      waits {
        count = unsafe read(reader, &bytes, bytes.count)
        return count > 0
      })
    #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == alert(1).json + "\n")
    close(reader)
    thread.post(alert(2))
    let report = try #require(Outbox([thread]).finish(within: .seconds(10)).first)
    #expect(report.delivered == 1)
    #expect(report.description.contains("Broken pipe"))
  }

  @Test func `takes over a descriptor`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("alerts")
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    do {
      var file = AlertFile(.init(number: descriptor), path: path)
      #expect(failure(&file, alert()) == nil)
    }
    #expect(directory.lines("alerts") == [alert().json])
    #expect(fcntl(descriptor, F_GETFD) == -1, "it is closed with the outlet")
  }

  @Test func `reports a file that cannot be opened, with its name escaped`() throws {
    #expect(throws: DeliveryFailure("alert file /nowhere\\u{1b}/alerts: No such file or directory")) {
      _ = try AlertFile(path: "/nowhere\u{1B}/alerts")
    }
    let directory = try TemporaryDirectory()
    #expect(unsafe mkfifo(directory.path("fifo"), 0o600) == 0)
    let fifo = directory.path("fifo")
    #expect(throws: DeliveryFailure("alert file \(fifo): nobody reads it; start its reader first")) {
      _ = try AlertFile(path: fifo)
    }
  }

  /// A file system of 64 KiB fills up, is given room, and fills up again.
  @Test(.needs(.root)) func `leaves only whole lines after a full disk`() throws {
    let directory = try TemporaryDirectory()
    #expect(unsafe mount("leakaudit", directory.path, "tmpfs", 0, "size=64k") == 0)
    defer { unsafe umount2(directory.path, Int32(MNT_DETACH)) }
    let said = Diagnostics()
    let thread = OutletThread(try AlertFile(path: directory.path("alerts")), capacity: 4000, say: said.say)
    try Data(count: 40_000).write(to: URL(filePath: directory.path("ballast")))
    for number in 0..<1000 { thread.post(alert(number)) }
    #expect(waits { thread.report.failed > 0 && thread.report.waiting == 0 })
    let whileFull = thread.report
    try FileManager.default.removeItem(atPath: directory.path("ballast"))
    for number in 1000..<1100 { thread.post(alert(number)) }
    let report = try #require(Outbox([thread]).finish(within: .seconds(10)).first)

    #expect(report.delivered == whileFull.delivered + 100)
    #expect(report.delivered + report.failed == 1100)
    #expect(said.all.count == 1, "a full disk is said once")
    #expect(report.description.contains("not delivered: No space left on device"))
    let lines = directory.lines("alerts")
    let whole = lines.filter { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil }
    #expect(whole.count == report.delivered, "each delivered alert is a whole line")
    #expect(whole.suffix(100) == (1000..<1100).map { alert($0).json })
    // 64 KiB is not a multiple of a line's length, so one write was cut; nothing is appended to that partial line.
    #expect(lines.count == whole.count + 1)
    #expect(lines.filter { !whole.contains($0) }.allSatisfy { alert(whileFull.delivered).json.hasPrefix($0) })
  }
}
