import Foundation
import Glibc
import Processes
import Text

/// This machine, for a drill of a stack that runs on it. All that the drill starts here ends with it.
///
/// `unsafe` for pipe(2) and open(2). Sound: what they are given outlives the calls.
package final class LiveHost: Machine {
  let folder: String
  let program: String
  let standstill: Int32
  /// The writing end of `standstill`: the kernel closes it with this program.
  private let lifeline: Int32
  private let lock: Int32
  let journal: LiveJournal

  static let prefix = "leakaudit-live-"

  /// Runs a program until it ends, or until standard input does.
  private static let guardian = """
    "$@" </dev/null &
    child=$!
    trap 'kill -TERM $child 2>/dev/null' INT TERM
    {
        while read -r _; do :; done
        kill -TERM $child 2>/dev/null
        sleep 10
        kill -KILL $child 2>/dev/null
    } <&0 >/dev/null 2>&1 &
    reader=$!
    until wait $child; status=$?; ! kill -0 $child 2>/dev/null; do :; done
    kill $reader 2>/dev/null
    exit $status
    """

  /// - Parameters:
  ///   - parent: where its folder is made; root's, and nobody else may rename there what is root's.
  ///   - program: this program's own file.
  package init(in parent: String, program: String) throws(DrillProblem) {
    self.program = program
    try Self.checkParent(parent)
    guard let folder = TemporaryFolder.make(in: parent, prefix: Self.prefix) else {
      throw DrillProblem(.permission, "\(parent): no folder can be made: \(SystemError.message(errno))")
    }
    self.folder = folder
    journal = LiveJournal(path: "\(folder)/journal")
    guard let lock = Self.lock(folder) else {
      throw DrillProblem(.failed, "\(folder): it cannot be locked")
    }
    self.lock = lock
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw DrillProblem(.failed, "no pipe can be made: \(SystemError.message(errno))")
    }
    (standstill, lifeline) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  /// Ends what runs, and removes the folder, unless something is still to be undone.
  package func end() {
    close(lifeline)
    close(standstill)
    if (try? journal.read())?.isEmpty == true { try? FileManager.default.removeItem(atPath: folder) }
    close(lock)
  }

  var environment: [String: String] { Command.userEnvironment }
  func outside(_ path: String) -> String { path }
  func words(_ words: [String]) -> [String] { words }
  func lasting(_ words: [String]) -> [String] { ["bash", "-c", Self.guardian, "guardian"] + words }

  func container(inGroups text: String) -> String? { Self.container(inGroups: text) }

  /// The outermost one: a container may call groups of its own as it likes.
  static func container(inGroups text: String) -> String? {
    for line in text.split(separator: "\n") {
      for part in line.split(separator: "/").dropFirst() {
        let id = part.split(whereSeparator: { $0 == "-" || $0 == "." }).first { LiveContainer.isID(String($0)) }
        if let id { return String(id) }
      }
    }
    return nil
  }

  // MARK: - What another drill left

  /// Undoes what drills did that were killed. Returns how many there were. Throws if one runs now.
  @discardableResult
  package static func undoLeftovers(in parent: String, say: (String) -> Void) throws(DrillProblem)
    -> Int
  {
    try checkParent(parent)
    var count = 0
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names.sorted() where name.hasPrefix(prefix) {
      let folder = "\(parent)/\(name)"
      // In a folder that everybody may write to, a name says little.
      guard let facts = try? FileManager.default.attributesOfItem(atPath: folder),
        facts[.type] as? FileAttributeType == .typeDirectory, (facts[.ownerAccountID] as? NSNumber)?.intValue == 0,
        (facts[.posixPermissions] as? NSNumber).map({ $0.intValue & 0o077 == 0 }) == true
      else { continue }
      guard let lock = lock(folder) else {
        throw DrillProblem(.failed, "another drill of a running stack goes on (\(folder)): wait until it ends")
      }
      defer { close(lock) }
      if var deeds = LiveDeeds(try LiveJournal(path: "\(folder)/journal").read()) {
        // The engine may still be at what the killed one asked for: a restart waits for it, where a look would not.
        deeds.isTunnelTaken = true
        count += 1
        say("a drill was killed here: undoing what it did")
        try deeds.undo(on: LiveEngine(), say: say)
      }
      try? FileManager.default.removeItem(atPath: folder)
    }
    return count
  }

  private static func checkParent(_ parent: String) throws(DrillProblem) {
    let facts = try? FileManager.default.attributesOfItem(atPath: parent)
    let mode = (facts?[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
    guard facts?[.type] as? FileAttributeType == .typeDirectory,
      (facts?[.ownerAccountID] as? NSNumber)?.intValue == 0, mode & 0o022 == 0 || mode & 0o1000 != 0
    else {
      throw DrillProblem(
        .permission,
        "\(Formatting.safe(parent)): not a folder of root's where others cannot rename files; see --work-folder")
    }
  }

  /// Nil if another process has it.
  private static func lock(_ folder: String) -> Int32? {
    let number = unsafe open("\(folder)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard number >= 0 else { return nil }
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      close(number)
      return nil
    }
    return number
  }
}
