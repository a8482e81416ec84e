import TextFiles

/// The lines that a check's places name, from its files as they are now. Each file is read once, and only the lines that
/// are asked for are kept. Nothing is kept of a pipe, a device, a folder, or a file that cannot be read.
struct SourceLines {
  /// Kept in all, in Unicode scalars: more than any stack's files have in lines that matter.
  private static let most = 1 << 21

  private var lines: [SourcePlace: SourceLine] = [:]
  private(set) var secrets = Secrets()

  /// Reads the files, and those of the places.
  init(_ places: [SourcePlace], files: [String] = []) {
    let wanted = Dictionary(grouping: places.filter { $0.line != nil }, by: \.file)
    var kept = 0
    for file in Set(wanted.keys).union(files).sorted() {
      guard let text = Self.text(of: file) else { continue }
      let found = secrets.learn(text, Self.form(of: file))
      let asked = Set(wanted[file, default: []].compactMap(\.line))
      guard !asked.isEmpty else { continue }
      var next = found[...]
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        next = next.drop { $0.upperBound <= line.startIndex }
        guard asked.contains(index + 1), kept + line.count <= Self.most else { continue }
        kept += line.count
        let own = next.prefix { $0.lowerBound < line.endIndex }.map { $0.clamped(to: line.startIndex..<line.endIndex) }
        lines[SourcePlace(file, line: index + 1)] = SourceLine(
          text: Array(line),
          secrets: own.map { ($0.lowerBound - line.startIndex)..<($0.upperBound - line.startIndex) })
      }
    }
    // Values of one file may stand in others, too.
    for (place, line) in lines { lines[place]?.secrets = secrets.places(in: line.text, also: line.secrets) }
  }

  /// Nil if the file has no such line.
  subscript(place: SourcePlace) -> SourceLine? { lines[place] }

  private static func text(of file: String) -> [Unicode.Scalar]? {
    guard let bytes = try? TextFile.bytes(ofRegular: TextFile.resolved(file), limit: TextFile.sizeLimit) else {
      return nil
    }
    return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  /// What a file is, by its name.
  private static func form(of file: String) -> SecretScan.Form {
    let endings = [".yaml", ".yml", ".env", ".conf", ".json", ".ini"]
    let name = file.split(separator: "/").last ?? ""
    return name.hasPrefix(".env") || endings.contains { name.hasSuffix($0) } ? .data : .script
  }
}
