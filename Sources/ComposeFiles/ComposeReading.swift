import TextFiles

/// One reading of a project: where its files come from, what was found wrong, and how much may still be read.
struct ComposeReading {
  /// The bytes of a file; nil if there is none.
  typealias Opener = (String) throws(PolicyFileProblem) -> [UInt8]?

  /// How many files a project may name. A file counts each time it is read.
  static let fileLimit = 1000
  /// The limit for the bytes of all files together.
  static let readLimit = 64 << 20
  /// The limit for the nodes of all files together, with aliases and extended services written out.
  static let nodeLimit = 1 << 19
  /// How deep maps and lists may nest.
  static let depthLimit = 64
  /// How many bytes variables may add in total.
  static let textLimit = 16 << 20
  /// How deep `include` and `extends` may nest.
  static let chainLimit = 32

  /// What relative paths and variables refer to: one scope for the project, and one for each included project.
  struct Scope {
    var folder: String
    var environment: [String: String]
    /// Whether a file's `name:` becomes `COMPOSE_PROJECT_NAME`, because the user gave none.
    var takesName = false
  }

  let opener: Opener
  var scopes: [Scope] = []
  private(set) var problems: [PolicyFileProblem] = []
  private(set) var warnings: [PolicyFileProblem] = []
  /// The warnings that say what is not on this machine.
  private(set) var leftOut: [PolicyFileProblem] = []
  private var warned: Set<PolicyFileProblem> = []
  /// Variables without a value, by the place where a blank replaces them. They often cause what is wrong there.
  private var blanks: [SourcePlace: [String]] = [:]
  private var files = 0
  private var read = 0
  private var nodes = 0
  private var bytes = 0
  /// A limit was reached: nothing more is read, and the project is refused.
  private(set) var isOver = false

  init(opener: @escaping Opener) { self.opener = opener }

  // MARK: - What is wrong

  mutating func report(_ message: String, at place: SourcePlace) {
    let blank = blanks[place].map { names in
      names.count == 1
        ? "; the variable \(quotedList(names)) is not set: state it in .env or the environment"
        : "; the variables \(quotedList(names)) are not set: state them in .env or the environment"
    }
    report(PolicyFileProblem(file: place.file, line: place.line, message: message + (blank ?? "")))
  }

  mutating func report(_ problem: PolicyFileProblem) {
    guard problems.count < ProblemList.limit, !problems.contains(problem) else { return }
    problems.append(problem)
  }

  mutating func warn(_ message: String, at place: SourcePlace) {
    warn(PolicyFileProblem(file: place.file, line: place.line, message: message))
  }

  /// Warns about a variable without a value, which Compose treats as blank.
  mutating func warnOfBlank(_ name: String, at place: SourcePlace) {
    warn("the variable \(quoted(name)) is not set; it counts as empty", at: place)
    let known = blanks[place] ?? []
    if known.count < 3, !known.contains(name) { blanks[place] = known + [name] }
  }

  mutating func leaveOut(_ message: String, at place: SourcePlace) {
    let problem = PolicyFileProblem(file: place.file, line: place.line, message: message)
    warn(problem)
    if leftOut.count < ProblemList.limit, !leftOut.contains(problem) { leftOut.append(problem) }
  }

  /// Warns once for each place: an alias repeats the same text.
  mutating func warn(_ warning: PolicyFileProblem) {
    guard warnings.count < ProblemList.limit, warned.insert(warning).inserted else { return }
    warnings.append(warning)
  }

  // MARK: - Bounds

  /// Whether so many more nodes may be read; reports it if not.
  mutating func mayAdd(nodes count: Int, at place: SourcePlace) -> Bool {
    nodes += count
    return isBelow(nodes, Self.nodeLimit, "the project comes to more than \(Self.nodeLimit) values", place)
  }

  mutating func mayAdd(bytes count: Int, at place: SourcePlace) -> Bool {
    bytes += count
    return isBelow(bytes, Self.textLimit, "the project's variables come to more than 16 MiB", place)
  }

  private mutating func isBelow(_ count: Int, _ limit: Int, _ what: String, _ place: SourcePlace) -> Bool {
    guard !isOver else { return false }
    guard count <= limit else {
      isOver = true
      report("\(what) with aliases and extended services written out; this is probably a mistake", at: place)
      return false
    }
    return true
  }

  // MARK: - Files

  enum FileText {
    case text(String)
    case missing
    /// A problem was reported that says why.
    case unusable
  }

  mutating func text(of path: String) -> FileText {
    guard !isOver else { return .unusable }
    // A place is printed as it is, and a compose file may name any path.
    guard !path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      report("a file's name holds control characters; rename it", at: SourcePlace(PathText.shown(path)))
      return .unusable
    }
    files += 1
    guard files <= Self.fileLimit else {
      isOver = true
      report("the project names more than \(Self.fileLimit) files; this is probably a mistake", at: SourcePlace(path))
      return .unusable
    }
    do throws(PolicyFileProblem) {
      guard let bytes = try opener(path) else { return .missing }
      try TextFile.checkSize(bytes.count, of: path)
      read += bytes.count
      guard read <= Self.readLimit else {
        isOver = true
        report("the project's files come to more than 64 MiB; this is probably a mistake", at: SourcePlace(path))
        return .unusable
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        report("it is not UTF-8 text; save it as UTF-8", at: SourcePlace(path))
        return .unusable
      }
      return .text(text)
    } catch {
      report(error)
      return .unusable
    }
  }

  /// The variables of `.env` files. The environment wins over them. A later file wins over an earlier one, and may
  /// refer to its variables. Reports a missing file unless it may be missing.
  mutating func environment(
    _ files: [(path: String, place: SourcePlace?)], over environment: [String: String], areRequired: Bool
  ) -> [String: String] {
    var stated: [String: String] = [:]
    for (path, place) in files {
      let text: String
      switch self.text(of: path) {
      case .text(let contents): text = contents
      case .missing:
        if areRequired { report(Self.missing(path), at: place ?? SourcePlace(path)) }
        continue
      case .unusable: continue
      }
      do throws(PolicyFileProblem) {
        let file = try EnvironmentFile(text, file: path) { environment[$0] ?? stated[$0] }
        for warning in file.warnings { warn(warning) }
        for variable in file.variables { stated[variable.name] = variable.value }
      } catch {
        report(error)
      }
    }
    // Every included project holds a copy.
    guard !stated.isEmpty, mayAdd(nodes: stated.count + environment.count, at: SourcePlace(files[0].path)) else {
      return environment
    }
    return environment.merging(stated) { given, _ in given }
  }

  static func missing(_ path: String) -> String { "there is no file \(PathText.shown(path)); check the path" }
}
