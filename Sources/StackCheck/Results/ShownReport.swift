import TextFiles

/// A report as it may be shown. Every format is made from it: it has no secret in its texts, and the lines that its
/// places name, read again.
package struct ShownReport {
  /// The report, with a mask for each secret.
  package let report: StackReport
  let lines: SourceLines

  /// Reads the stack's files again.
  package init(_ report: StackReport) {
    let lines = SourceLines(
      report.findings.map(\.place) + report.skipped.map(\.place)
        + (report.unread + report.problems).map { SourcePlace($0.file, line: $0.line) },
      files: report.files)
    self.lines = lines
    self.report = report.masked(lines.secrets)
  }
}

extension PolicyFileError {
  /// The problems, one per line, with a mask for each secret in their messages.
  package var maskedDescription: String {
    let secrets = SourceLines([], files: Array(Set(problems.map(\.file)))).secrets
    return PolicyFileError(problems.map { $0.masked(secrets) }).description
  }
}

extension StackReport {
  fileprivate func masked(_ secrets: Secrets) -> Self {
    var masked = self
    for index in masked.findings.indices {
      masked.findings[index].message = secrets.masked(masked.findings[index].message, .sentence)
      masked.findings[index].ownFix = masked.findings[index].ownFix.map { secrets.masked($0, .sentence) }
    }
    for index in masked.skipped.indices {
      masked.skipped[index].text = secrets.masked(masked.skipped[index].text, .data)
      masked.skipped[index].reason = secrets.masked(masked.skipped[index].reason, .sentence)
    }
    masked.unread = masked.unread.map { $0.masked(secrets) }
    masked.problems = masked.problems.map { $0.masked(secrets) }
    return masked
  }
}

extension PolicyFileProblem {
  fileprivate func masked(_ secrets: Secrets) -> Self {
    var masked = self
    masked.message = secrets.masked(message, .sentence)
    return masked
  }
}
