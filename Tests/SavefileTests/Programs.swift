import Foundation
import TestSupport

/// Runs a program with bytes on its standard input; returns its standard output.
func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
  let directory = try TemporaryDirectory()
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.standardInput = FileHandle(forReadingAtPath: try directory.file("input", input))
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    let hint = process.terminationStatus == 127 ? "; install it (on Debian: apt install \(program))" : ""
    throw ToolFailure(message: "\(program) ended with \(process.terminationStatus)\(hint)")
  }
  return Array(bytes)
}

func compress(_ bytes: [UInt8], with program: String, _ arguments: String...) throws -> [UInt8] {
  // LZ4 delivers whole blocks. Its usual ones are larger than the samples.
  try run(program, ["-q", "-c"] + (program == "lz4" ? ["-B4"] : []) + arguments, input: bytes)
}
