import Audit
import Report
import Savefile
import Summaries
import Text
import Wire

/// Reads a file of evidence for the page, which shows the first frames of its leaks.
enum EvidenceReading {
  /// `summaries` as they were before redaction; `redactor` where the frames are not redacted yet.
  static func frames(_ path: String, of summaries: [Summary], _ redactor: Redactor? = nil) throws -> LeakFrames {
    var frames = LeakFrames(of: summaries)
    do throws(SavefileError) {
      var reader = try SavefileReader(ByteStream(path: path), skipUnsupported: true)
      while try reader.advance() {
        let number = reader.frame.interface
        frames.take(reader.frame, interface: reader.interfaces[number].name ?? Replay.fileName(path), redactor)
      }
    } catch {
      let status: ExitStatus = error.isMissing ? .noInput : error.isPermission ? .noPermission : .data
      throw Failure(status: status, message: Formatting.safe("--evidence '\(path)': \(error)"))
    }
    return frames
  }
}
