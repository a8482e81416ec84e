import CLinux
import ComposeFiles
import Foundation
import Glibc
import Text

/// The stack's files on the island: under the same paths, and whatever is written there stays there.
///
/// A folder is covered by an overlay whose lower layer is the original, a single file by a copy. Nothing is copied
/// before it is written to, and the original is never open for writing.
///
/// `unsafe` for stat(2). Sound: what it is given outlives the call.
struct TwinFiles {
  private let island: Island
  /// What is covered, with the device that it is on.
  private var covered: [(path: String, device: dev_t)] = []
  private static let system = ["/dev", "/proc", "/sys", "/run", "/var/run"]

  init(_ island: Island) { self.island = island }

  /// Covers a folder, or a file.
  mutating func cover(_ path: String) throws(DrillProblem) {
    let path = Self.canonical(path)
    guard !Self.isSystem(path) else { return }
    guard path != "/" else {
      throw DrillProblem(.stack, "the whole file system of this machine is mounted: that cannot be twinned")
    }
    guard let (existing, device, kind) = Self.nearest(path) else { return }
    guard existing != "/" else {
      throw DrillProblem(.stack, "\(Formatting.safe(path)): it is not there, and the engine would make it")
    }
    let isCovered = covered.contains { $0.device == device && (existing + "/").hasPrefix($0.path + "/") }
    guard !isCovered else { return }
    if let inner = MountTable(try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)).first(
      below: existing)
    {
      throw DrillProblem(
        .stack,
        "\(Formatting.safe(inner)): a file system is mounted there, below a folder of the stack: the twin would not see it; "
          + "unmount it for the drill")
    }
    let number = covered.count
    covered.append((existing, device))
    let purpose = "\(Formatting.safe(existing)): no copy of it can be made"
    switch kind {
    case S_IFDIR:
      // The options of a mount end names at colons and commas, so that the original needs another name.
      try island.demand(
        purpose,
        [
          "bash", "-ec",
          """
          mkdir -p "$1/lower" "$1/upper" "$1/work"
          chown --reference="$2" "$1/upper"
          chmod --reference="$2" "$1/upper"
          mount --bind "$2" "$1/lower"
          mount -t overlay -o lowerdir="$1/lower",upperdir="$1/upper",workdir="$1/work" overlay "$2"
          """, "cover", "\(island.folder)/files/\(number)", existing,
        ])
    case S_IFREG:
      try island.demand(
        purpose,
        [
          "bash", "-ec", "mkdir -p \"$1\"; cp -p \"$2\" \"$1/file\"; mount --bind \"$1/file\" \"$2\"", "cover",
          "\(island.folder)/files/\(number)", existing,
        ])
    default:
      // Behind a socket is a program of this machine, such as its engine: nothing of the twin may talk to it.
      try island.demand(
        purpose,
        [
          "bash", "-ec", "mkdir -p \"$1\"; : >\"$1/file\"; mount --bind \"$1/file\" \"$2\"", "cover",
          "\(island.folder)/files/\(number)", existing,
        ])
    }
  }

  static func isSystem(_ path: String) -> Bool {
    system.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// The path, or the folder nearest to it that is there, and what it is (stat(2)).
  private static func nearest(_ path: String) -> (path: String, device: dev_t, kind: mode_t)? {
    var path = path
    while true {
      var status = stat()
      if unsafe stat(path, &status) == 0 {
        return (path, status.st_dev, status.st_mode & S_IFMT)
      }
      guard path != "/" else { return nil }
      path = URL(filePath: path).deletingLastPathComponent().path
    }
  }

  /// The path behind all symbolic links, as long as no container runs that could change them.
  static func canonical(_ path: String) -> String { URL(filePath: whole(path)).resolvingSymlinksInPath().path }

  /// The path from the root on: programs of the island begin in another folder.
  static func whole(_ path: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: FileManager.default.currentDirectoryPath + "/" + path).standardized.path
  }

  /// The text of a file of the island.
  func text(_ path: String) -> String? { RootedFile.read(path, root: island.outside("")) }

  /// Writes a file of the island in place: its owner and mode stay.
  ///
  /// - Parameter path: canonical, and of a file that is covered.
  func write(_ text: String, to path: String) throws(DrillProblem) {
    guard isCopy(path), RootedFile.overwrite(path, root: island.outside(""), with: text) else {
      throw DrillProblem(.failed, "\(Formatting.safe(path)): the twin's copy cannot be written")
    }
  }

  /// Takes a file of the island away, until `unhide`.
  func hide(_ path: String) throws(DrillProblem) {
    let name = URL(filePath: path).lastPathComponent + Self.hidden
    // The name of a file that is covered alone is the original's.
    guard isCopy(path), !isAlone(path), RootedFile.rename(path, to: name, root: island.outside("")) else {
      throw DrillProblem(.failed, "\(Formatting.safe(path)): the twin's copy cannot be taken away")
    }
  }

  func unhide(_ path: String) {
    guard isCopy(path), !isAlone(path) else { return }
    _ = RootedFile.rename(path + Self.hidden, to: URL(filePath: path).lastPathComponent, root: island.outside(""))
  }

  private func isCopy(_ path: String) -> Bool {
    covered.contains { path == $0.path || path.hasPrefix($0.path + "/") }
  }

  private func isAlone(_ path: String) -> Bool { covered.contains { $0.path == path } }

  private static let hidden = ".leakaudit-away"
}
