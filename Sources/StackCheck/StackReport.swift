import Policy
package import TextFiles

/// What a static audit of a stack's files says.
package struct StackReport: Sendable {
  /// In the order of severity, then of place.
  package internal(set) var findings: [StackFinding] = []
  /// Lines that were not understood: the findings do not include what they do.
  package internal(set) var skipped: [SkippedCommand] = []
  /// Parts of the stack that could not be read, so that findings may be missing.
  package internal(set) var unread: [PolicyFileProblem] = []
  /// What Compose would warn about, and what is odd in a configuration that works.
  package internal(set) var problems: [PolicyFileProblem] = []
  /// The files that were read.
  package internal(set) var files: [String] = []

  package init() {}

  /// Records that nothing is known about a line, so that the result is not clean.
  package mutating func leaveOut(_ place: SourcePlace, _ text: String, _ reason: String) {
    skipped.append(SkippedCommand(place: place, text: text, reason: reason))
  }

  /// Adds findings about the same stack from other means, unless their fault was reported already.
  mutating func addUntold(_ others: [StackFinding]) {
    let told = Set(findings.map(\.fault))
    findings += others.filter { !told.contains($0.fault) }
  }

  /// Adds files that were read besides those that the stack's volumes show.
  package mutating func addFiles(_ files: [String]) {
    self.files = files + self.files
    order()
  }

  package mutating func merge(_ other: StackReport) {
    findings += other.findings
    skipped += other.skipped
    unread += other.unread
    problems += other.problems
    files += other.files
    order()
  }

  mutating func order() {
    findings.sort { left, right in
      if left.severity != right.severity { return left.severity > right.severity }
      return (left.place.file, left.place.line ?? 0, left.fault.id)
        < (right.place.file, right.place.line ?? 0, right.fault.id)
    }
    // The same rule in several states of a rehearsal is one fault.
    var rehearsed: Set<String> = []
    findings = findings.filter { finding in
      !finding.place.file.contains(RehearsalPlan.mark)
        || rehearsed.insert(finding.fault.id + finding.message).inserted
    }
    fold()
    var seen: Set<SkippedCommand> = []
    skipped = skipped.filter { seen.insert($0).inserted }
    var seenFiles: Set<String> = []
    files = files.filter { seenFiles.insert($0).inserted }
  }

  /// More lines than this that say the same are reported once.
  private static var mostAlike: Int { 8 }

  /// Folds one fault of very many lines of a file into one finding: what the first line does, how many others do the
  /// same, and where the first of those are.
  private mutating func fold() {
    struct Kind: Hashable {
      var fault: StackFault
      var severity: Severity
      var file, mending: String
    }
    func kind(_ finding: StackFinding) -> Kind {
      Kind(
        fault: finding.fault, severity: finding.severity, file: finding.place.file, mending: finding.fix)
    }
    let alike = Dictionary(grouping: findings, by: kind).filter {
      Set($0.value.map(\.place.line)).count > Self.mostAlike
    }
    guard !alike.isEmpty else { return }
    var told: Set<Kind> = []
    findings = findings.compactMap { finding in
      guard let all = alike[kind(finding)] else { return finding }
      guard told.insert(kind(finding)).inserted else { return nil }
      let others = Set(all.compactMap(\.place.line)).subtracting([finding.place.line].compactMap(\.self)).sorted()
      let shown = others.prefix(3)
      var whole = finding
      whole.letsOut = all.flatMap(\.letsOut)
      let rest = others.count - shown.count
      whole.message += "; so do \(others.count) more lines: \(shown.map(String.init).joined(separator: ", "))"
      if rest > 0 { whole.message += " and \(rest) more" }
      return whole
    }
  }
}
