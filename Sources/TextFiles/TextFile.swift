import Foundation

/// Files that people write, read from disk as a whole.
///
/// `unsafe` because system calls take addresses. Sound: paths and variables outlive the calls, and the path that
/// realpath(3) allocates is copied before it is freed.
package enum TextFile {
  /// The largest file that is read, in bytes: far above any policy, far below what could hurt.
  package static let sizeLimit = 1 << 20

  /// The file's bytes. Throws if it does not exist, is a directory, may not be read, or is too large. Pipes are read
  /// too, so that `--wg-config <(sudo cat wg0.conf)` works.
  package static func bytes(of path: String) throws(PolicyFileProblem) -> [UInt8] {
    let contents: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      // One byte more than allowed shows that there is more, without trusting a size that can change.
      contents = try file.read(upToCount: sizeLimit + 1) ?? Data()
    } catch {
      throw PolicyFileProblem(file: path, message: reason(for: error, path: path))
    }
    try checkSize(contents.count, of: path)
    return [UInt8](contents)
  }

  /// The bytes of a file that a container may have put there. It is read only if it is a regular file, no link, and no
  /// larger than the limit, in bytes. A pipe could make the reader wait forever, and a link may lead to anything on
  /// this machine.
  package static func bytes(ofRegular path: String, limit: Int) throws(PolicyFileProblem) -> [UInt8] {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
    guard number >= 0 else {
      let message =
        errno == ELOOP
        ? "this is a link, and it is not known where it leads in the container"
        : reason(for: NSError(domain: NSPOSIXErrorDomain, code: Int(errno)), path: path)
      throw PolicyFileProblem(file: path, message: message)
    }
    let file = FileHandle(fileDescriptor: number, closeOnDealloc: true)
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw PolicyFileProblem(file: path, message: "this is not a regular file")
    }
    let contents: Data
    do {
      contents = try file.read(upToCount: limit + 1) ?? Data()
    } catch {
      throw PolicyFileProblem(file: path, message: reason(for: error, path: path))
    }
    guard contents.count <= limit else {
      throw PolicyFileProblem(
        file: path, message: "the file is larger than \(limit >> 20) MiB; is it the right file?")
    }
    return [UInt8](contents)
  }

  package static func checkSize(_ count: Int, of path: String) throws(PolicyFileProblem) {
    guard count <= sizeLimit else {
      throw PolicyFileProblem(
        file: path, message: "the file is larger than 1 MiB; is it the right file?")
    }
  }

  /// The paths of the directory's YAML files, sorted by the bytes of their names.
  package static func yamlFiles(in directory: String) throws(PolicyFileProblem) -> [String] {
    try files(in: directory) { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
  }

  /// The paths of the directory's entries with such a name, sorted by the bytes of their names. Hidden ones are left
  /// out.
  package static func files(
    in directory: String, where isWanted: (String) -> Bool = { _ in true }
  ) throws(PolicyFileProblem) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory)
    } catch {
      // Foundation has no code for it.
      throw PolicyFileProblem(
        file: directory,
        message: kind(of: directory) == .file ? notDirectory : reason(for: error, path: directory))
    }
    return
      names
      .filter { isWanted($0) && !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { directory.hasSuffix("/") ? directory + $0 : directory + "/" + $0 }
  }

  /// What a path leads to, with symbolic links followed.
  package enum Kind: Sendable { case file, directory, nothing }

  package static func kind(of path: String) -> Kind {
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return .nothing }
    return isDirectory.boolValue ? .directory : .file
  }

  /// Whether a path leads to a regular file or a directory, with symbolic links followed: reading a pipe could wait
  /// forever.
  package static func isOrdinary(_ path: String) -> Bool {
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: real)[.type] as? FileAttributeType
    return type == .typeRegular || type == .typeDirectory
  }

  /// A path that starts at a folder, as a path from the root, without asking the file system.
  package static func fromRoot(_ path: String, in folder: String) -> String { PathText.join(folder, path) }

  /// The path from the root, with symbolic links followed as far as it exists. The rest need not exist.
  package static func resolved(_ path: String) -> String {
    let whole = PathText.join(FileManager.default.currentDirectoryPath, path)
    var folder = whole
    while folder != "/", !folder.isEmpty {
      if let real = unsafe realpath(folder, nil) {
        defer { unsafe free(real) }
        let found = unsafe String(cString: real)
        let rest = whole.dropFirst(folder.count)
        return found == "/" && !rest.isEmpty ? String(rest) : found + rest
      }
      folder = PathText.folder(of: folder)
    }
    return whole
  }

  /// Whether a path from the root is inside of a folder, or is the folder itself.
  package static func isInside(_ path: String, of folder: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  /// The permission bits of a file's mode; nil if there is no such file.
  package static func mode(of path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
  }

  private static let notDirectory = "this is not a directory; name the folder that holds the files"

  private static func reason(for error: any Error, path: String) -> String {
    let error = error as NSError
    let system = (error.userInfo[NSUnderlyingErrorKey] as? NSError) ?? error
    guard system.domain == NSPOSIXErrorDomain, let code = POSIXErrorCode(rawValue: Int32(system.code)) else {
      switch CocoaError.Code(rawValue: error.code) {
      case .fileReadNoSuchFile, .fileNoSuchFile: return "there is no such file; check the path"
      case .fileReadNoPermission: return "this user may not read it; check its owner and mode"
      default: return "it cannot be read: \(error.localizedDescription)"
      }
    }
    switch code {
    case .ENOENT: return "there is no such file; check the path"
    case .EACCES, .EPERM: return "this user may not read it; check its owner and mode"
    case .EISDIR: return "this is a directory; name a file in it"
    case .ENOTDIR: return notDirectory
    default: return "it cannot be read (error \(code.rawValue))"
    }
  }
}
