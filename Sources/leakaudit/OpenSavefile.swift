import Audit
import Policy
import Savefile
import Wire

/// An open savefile, and the auditor's position in it.
final class OpenSavefile {
  let path: String
  let isStream: Bool
  var reader: SavefileReader
  var cursor = SourceCursor()

  init(path: String, isStream: Bool, reader: consuming SavefileReader) {
    self.path = path
    self.isStream = isStream
    self.reader = reader
  }
}
