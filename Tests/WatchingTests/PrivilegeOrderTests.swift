import Foundation
import TestNeeds
import TestSupport
import Testing

/// The order in which a watch gives up its privileges is in types (`Privileged`, `Unprivileged`): a program in the
/// wrong order does not compile.
@Suite(.serialized) struct PrivilegeOrderTests {
  /// The compiler's errors about a program with this body. Its diagnosis of who owns a value comes with the
  /// intermediate code, not with `-typecheck`.
  private static func errors(_ body: String) throws -> [String] {
    let folder = try TemporaryDirectory()
    let file = try folder.file("order.swift", "import Capture\n\nfunc watch() throws {\n\(body)\n}\n")
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    let headers = ["CLinux", "CPcap", "CBPF/include", "CCounting/include"].map { sources.appending(path: $0).path }
    let folders = [Need.builtModules] + headers
    compiler.arguments = ["swiftc", "-emit-sil", "-o", "/dev/null", "-diagnostic-style", "llvm", file]
    compiler.arguments? += folders.flatMap { ["-I", $0] }
    compiler.standardOutput = FileHandle.nullDevice
    let said = Pipe()
    compiler.standardError = said
    try compiler.run()
    let text = try said.fileHandleForReading.readToEnd() ?? Data()
    compiler.waitUntilExit()
    let errors = String(decoding: text, as: UTF8.self).split(separator: "\n").filter { $0.contains("error: ") }
    // A compiler that crashes says nothing of the program.
    guard compiler.terminationReason == .exit, (compiler.terminationStatus == 0) == errors.isEmpty else {
      throw ToolFailure(message: "swiftc: \(String(decoding: text, as: UTF8.self))")
    }
    return errors.map { line in
      line.ranges(of: "error: ").first.map { String(line[$0.upperBound...]) } ?? String(line)
    }
  }

  private static let open = "let capture = try OpenedCapture(snapLength: 65535, bufferSize: 1 << 20, privileged)"
  private static let drop = "let unprivileged = try privileged.drop(to: nil)"
  private static let read = "var frames = capture.reading(unprivileged); _ = try frames.advance()"

  @Test(.needs(.swiftc))
  func `a watch opens, gives up its privileges, and reads`() throws {
    #expect(
      try Self.errors(["let privileged = Privileged()", Self.open, Self.drop, Self.read].joined(separator: "\n")) == [])
  }

  @Test(
    .needs(.swiftc),
    arguments: [
      // Opened when the privileges are gone.
      (["let privileged = Privileged()", drop, open, read], "'privileged' used after consume"),
      // Given up twice.
      (
        ["let privileged = Privileged()", open, drop, "_ = try privileged.drop(to: nil)"],
        "'privileged' consumed more than once"
      ),
      // Read with privileges.
      (
        ["let privileged = Privileged()", open, "_ = capture.reading(privileged)"],
        "cannot convert value of type 'Privileged' to expected argument type 'Unprivileged'"
      ),
      // Read with a proof that nobody gave.
      (
        ["let privileged = Privileged()", open, "let unprivileged = Unprivileged()", read],
        "'Unprivileged' initializer is inaccessible due to 'internal' protection level"
      ),
      // Kept beside what comes of it.
      (
        ["let privileged = Privileged()", "let kept = copy privileged", "_ = consume kept"],
        "'copy' cannot be applied to noncopyable types"
      ),
    ])
  func `another order does not compile`(lines: [String], message: String) throws {
    #expect(try Self.errors(lines.joined(separator: "\n")) == [message])
  }
}
