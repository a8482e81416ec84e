import Audit
import Report
import Savefile
import Summaries
import Text
import Wire

/// Reads evidence files: for a page, which shows the first frames of its leaks, and for a question about a moment.
enum EvidenceReading {
  /// `summaries` as they were before redaction; `redactor` where the frames are not redacted yet.
  static func frames(_ paths: [String], of summaries: [Summary], _ redactor: Redactor? = nil) throws -> LeakFrames {
    var frames = LeakFrames(of: summaries)
    for path in paths {
      try read(path) { frame, interface, _ in frames.take(frame, interface: interface, redactor) }
    }
    return frames
  }

  /// The frames of a moment that begins at `start` and ends before `end`.
  static func frames(
    _ paths: [String], from start: Timestamp, to end: Timestamp, _ redactor: Redactor?
  ) throws -> MomentFrames {
    var frames = MomentFrames(from: start, to: end)
    for path in paths {
      try read(path) { frame, interface, number in
        frames.take(frame, interface: interface, file: path, number: number, redactor)
      }
    }
    return frames
  }

  /// Calls `body` with each frame, the name of its interface, and its number in the file, from 1.
  private static func read(_ path: String, _ body: (borrowing CapturedFrame, String, Int) -> Void) throws {
    do throws(SavefileError) {
      var reader = try SavefileReader(ByteStream(path: path), skipUnsupported: true)
      var number = 0
      while try reader.advance() {
        number += 1
        body(reader.frame, reader.interfaces[reader.frame.interface].name ?? Replay.fileName(path), number)
      }
    } catch {
      let status: ExitStatus = error.isMissing ? .noInput : error.isPermission ? .noPermission : .data
      throw Failure(status: status, message: Formatting.safe("--evidence '\(path)': \(error)"))
    }
  }
}
