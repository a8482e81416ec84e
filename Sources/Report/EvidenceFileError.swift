import Policy
package import Savefile
import Text
import Wire

/// Why no evidence can be written, in one sentence.
package enum EvidenceFileError: Error, Hashable, Sendable, CustomStringConvertible {
  case cannotCreate(directory: String, WriteError)
  case allNamesTaken(directory: String, name: String)
  case cannotWrite(path: String, WriteError)
  case isThere(path: String)

  package var description: String {
    switch self {
    case .cannotCreate(let directory, let error):
      "\(Formatting.safe(directory)): evidence cannot be written there: \(error); "
        + "name a directory that exists and that you may write to"
    case .allNamesTaken(let directory, let name):
      "\(Formatting.safe(directory)): \(name).pcapng and every numbered name after it are taken; "
        + "name another directory"
    case .isThere(let path):
      "\(Formatting.safe(path)): already exists; name a new file: evidence is never overwritten"
    case .cannotWrite(let path, let error):
      "\(Formatting.safe(path)): cannot be written: \(error); name a directory with room"
    }
  }
}
