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
      try read(path) { reader, interface, _ in frames.add(reader.frame, interface: interface, redactor) }
    }
    return frames
  }

  /// The leaking frames of a moment that begins at `start` and ends before `end`. Frames around a leak are kept as
  /// evidence, too, so that only those count whose comment calls them a leak.
  static func frames(
    _ paths: [String], from start: Timestamp, to end: Timestamp, _ redactor: Redactor?
  ) throws -> MomentFrames {
    var frames = MomentFrames(from: start, to: end)
    for path in paths {
      var (isEvidence, isEmpty) = (false, true)
      try read(path) { reader, interface, number throws(SavefileError) in
        isEmpty = false
        guard let comment = try reader.comment() else { return }
        isEvidence = isEvidence || LeakComment.isOfEvidence(comment)
        guard let reason = LeakComment.reason(in: comment) else { return }
        frames.add(reader.frame, interface: interface, file: path, number: number, reason: reason, redactor)
      }
      guard isEvidence || isEmpty else {
        throw Failure(
          status: .data,
          message: Formatting.safe("--evidence '\(path)': leakaudit did not write it; audit a capture with replay"))
      }
    }
    return frames
  }

  /// Calls `body` at each frame, with the name of its interface and its number in the file, from 1.
  private static func read(
    _ path: String, _ body: (borrowing SavefileReader, String, Int) throws(SavefileError) -> Void
  ) throws {
    do throws(SavefileError) {
      var reader = try SavefileReader(ByteStream(path: path), skipUnsupported: true)
      var number = 0
      while try reader.advance() {
        number += 1
        try body(reader, reader.interfaces[reader.frame.interface].name ?? Replay.fileName(path), number)
      }
    } catch {
      let status: ExitStatus = error.isMissing ? .noInput : error.isPermission ? .noPermission : .data
      throw Failure(status: status, message: Formatting.safe("--evidence '\(path)': \(error)"))
    }
  }
}
