import ComposeFiles
import Foundation
import Glibc
import PolicyFiles
import Processes
import StackCheck
import Text
import Wire

/// The folder for a rehearsal: copies without keys, which belong to the user nobody.
///
/// `unsafe` because system calls take addresses. Sound: paths and variables outlive the calls.
struct RehearsalFolder {
  let path: String
  private static let nobody: uid_t = 65534
  private static let mostFiles = 5000
  private static let mostBytes = 64 << 20
  private static let longestFile = 4 << 20

  init(_ plan: RehearsalPlan) throws {
    let parent = FileManager.default.temporaryDirectory.path
    guard let folder = TemporaryFolder.make(in: parent, prefix: "leakaudit-rehearsal-") else {
      throw Rehearsal.Problem(description: "no folder can be made: \(SystemError.message(errno))")
    }
    path = folder
    do { try fill(plan) } catch {
      remove()
      throw error
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  private func fill(_ plan: RehearsalPlan) throws {
    for name in ["files", "standins", "tunnels", "root"] { try makeFolder(name) }
    var left = (files: Self.mostFiles, bytes: Self.mostBytes)
    for mount in plan.mounts where !Self.isSystem(mount.target) {
      switch mount.kind {
      case .bind(let source): try copy(source, to: "files" + mount.target, &left)
      case .content(let text): try write(Array(text.utf8), to: "files" + mount.target, 0o755)
      case .volume, .tmpfs: break
      }
    }
    // Scripts are written from the text that was read: their folder may be a volume.
    for script in plan.scripts { try write(Array(script.text.utf8), to: "files" + script.target, 0o755) }
    try write(Array(plan.scripts.map { $0.target + "\0" }.joined().utf8), to: "scripts")
    try write(Array(plan.environment.map { "\($0)=\($1)\0" }.joined().utf8), to: "environment")
    try write(Array("\(plan.address)/16\n\(plan.gateway)\n".utf8), to: "network")
    try write(Array(RehearsalScripts.wg.utf8), to: "standins/wg", 0o755)
    try write(Array(RehearsalScripts.wgQuick.utf8), to: "standins/wg-quick", 0o755)
    for (number, tunnel) in plan.tunnels.enumerated() { try write(tunnel, number) }
    try give(path)
  }

  private func write(_ tunnel: RehearsalPlan.Tunnel, _ number: Int) throws {
    let folder = "tunnels/\(number < 10 ? "0" : "")\(number)-\(tunnel.interface)"
    let config = tunnel.config
    func lines(_ texts: [String], _ name: String) throws {
      try write(Array(texts.map { $0 + "\n" }.joined().utf8), to: "\(folder)/\(name)")
    }
    try lines(["\(tunnel.mark)"], "mark")
    try lines(config.addresses.map { "\($0.value.address)/\($0.value.prefixLength)" }, "addresses")
    let prefixes = config.peers.flatMap { $0.allowedIPs.map(\.value) }
    let families = prefixes.filter { $0.length == 0 }.map { $0.address.isIPv4 ? "-4" : "-6" }
    try lines(Array(Set(families)).sorted(), "families")
    let isOff = config.table?.value == "off"
    try lines(isOff ? [] : prefixes.filter { $0.length > 0 }.map { "\($0)" }, "routes")
    for (moment, name) in [
      (WireGuardConfig.Hook.Moment.preUp, "PreUp"), (.postUp, "PostUp"), (.preDown, "PreDown"), (.postDown, "PostDown"),
    ] {
      let hooks = config.hooks.filter { $0.value.moment == moment }.map { $0.value.command + "\0" }
      try write(Array(hooks.joined().utf8), to: "\(folder)/\(name)")
    }
  }

  /// Whether a mount is on one of the system's own folders, where it would hide the programs that scripts call.
  private static func isSystem(_ target: String) -> Bool {
    let first = target.split(separator: "/").first ?? ""
    return ["", "bin", "dev", "lib", "lib64", "proc", "sbin", "sys", "usr"].contains(first)
  }

  private func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
  }

  private func write(_ bytes: [UInt8], to name: String, _ mode: mode_t = 0o644) throws {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      at: URL(filePath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: file)
    guard FileManager.default.createFile(atPath: file, contents: Data(bytes)) else {
      throw Rehearsal.Problem(description: "'\(name)' cannot be copied")
    }
    unsafe chmod(file, mode)
  }

  /// Copies only files and folders: no sockets, no devices, no links that lead elsewhere.
  private func copy(_ source: String, to name: String, _ left: inout (files: Int, bytes: Int)) throws {
    var status = stat()
    guard unsafe stat(source, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      try makeFolder(name)
      for entry in try FileManager.default.contentsOfDirectory(atPath: source).sorted() {
        var entryStatus = stat()
        guard unsafe lstat("\(source)/\(entry)", &entryStatus) == 0, entryStatus.st_mode & S_IFMT != S_IFLNK else {
          continue
        }
        try copy("\(source)/\(entry)", to: "\(name)/\(entry)", &left)
      }
    case S_IFREG:
      guard status.st_size <= Self.longestFile else { return }
      left.files -= 1
      left.bytes -= Int(status.st_size)
      guard left.files >= 0, left.bytes >= 0 else {
        throw Rehearsal.Problem(description: "the stack's files are too many, or too large, to be copied")
      }
      guard let bytes = FileManager.default.contents(atPath: source) else { return }
      try write(Self.withoutKeys(Array(bytes), source), to: name, status.st_mode & 0o777 | 0o444)
    default: break
    }
  }

  /// Removes keys: one that opens the user's tunnel does not belong in a sandbox.
  private static func withoutKeys(_ bytes: [UInt8], _ name: String) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("PrivateKey") || text.contains("PresharedKey") else { return bytes }
    return Array(
      text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        let key = line.drop(while: \.isWhitespace).lowercased()
        guard key.hasPrefix("privatekey") || key.hasPrefix("presharedkey"), let sign = line.firstIndex(of: "=") else {
          return String(line)
        }
        return line[...sign] + " QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEE="
      }.joined(separator: "\n").utf8)
  }

  private func give(_ path: String) throws {
    guard unsafe lchown(path, Self.nobody, Self.nobody) == 0 else {
      throw Rehearsal.Problem(description: "no folder can be made for the user nobody: \(SystemError.message(errno))")
    }
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
    for entry in try FileManager.default.contentsOfDirectory(atPath: path) { try give("\(path)/\(entry)") }
  }
}
