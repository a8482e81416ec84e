import Foundation
import Glibc
import Text

/// What a running drill has done to the stack, on the disk before it does it: so that the next one can undo it, should
/// this one be killed.
///
/// A line of JSON for each deed. A last line that is not whole is of a deed that was not begun.
///
/// `unsafe` for open(2) and write(2). Sound: what they are given outlives the calls and comes with its length.
struct LiveJournal: Sendable {
  let path: String

  private static let most = 1 << 20

  /// Adds a deed. When it returns, the disk has it.
  func add(_ deeds: LiveDeeds) throws(DrillProblem) {
    guard let text = try? JSON.line(deeds) else { throw problem(EINVAL) }
    try write(text.hasSuffix("\n") ? text : text + "\n", O_APPEND)
  }

  /// All is undone.
  func clear() throws(DrillProblem) { try write("", O_TRUNC) }

  private func write(_ text: String, _ flags: Int32) throws(DrillProblem) {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0o600)
    guard number >= 0 else { throw problem(errno) }
    defer { close(number) }
    let bytes = Array(text.utf8)
    guard unsafe bytes.isEmpty || Glibc.write(number, bytes, bytes.count) == bytes.count, fsync(number) == 0 else {
      throw problem(errno)
    }
    // The file's name, too.
    let folder = unsafe open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw problem(errno) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw problem(errno) }
  }

  private func problem(_ code: Int32) -> DrillProblem {
    DrillProblem(
      .failed, "\(Formatting.safe(path)): what is done could not be written down first: \(SystemError.message(code))")
  }

  /// What was done and not undone, the last deed first.
  ///
  /// - Parameter folder: of root's, and of root's alone.
  func read() throws(DrillProblem) -> [LiveDeeds] {
    guard let facts = try? FileManager.default.attributesOfItem(atPath: path) else { return [] }
    guard facts[.type] as? FileAttributeType == .typeRegular, (facts[.ownerAccountID] as? NSNumber)?.intValue == 0,
      (facts[.posixPermissions] as? NSNumber).map({ $0.intValue & 0o022 == 0 }) == true,
      (facts[.referenceCount] as? NSNumber)?.intValue == 1,
      (facts[.size] as? NSNumber).map({ $0.intValue <= Self.most }) == true,
      let text = try? String(contentsOfFile: path, encoding: .utf8)
    else {
      throw DrillProblem(.failed, "\(Formatting.safe(path)): this is not a drill's; look at it, and remove it")
    }
    var deeds: [LiveDeeds] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      guard let deed = try? JSONDecoder().decode(LiveDeeds.self, from: Data(line.utf8)), deed.isSound else {
        throw DrillProblem(.failed, "\(Formatting.safe(path)): this is not a drill's; look at it, and remove it")
      }
      deeds.append(deed)
    }
    return deeds.reversed()
  }
}
