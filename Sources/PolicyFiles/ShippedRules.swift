package import Policy
import RulePack

/// The rules that are embedded in the binary, in the order of asking. They are tested, so an error here is a broken
/// build. Their filters are compiled when they are first asked.
package func loadShippedRules() throws(PolicyFileError) -> LabelRules { LabelRules(try shippedRules()) }

extension LabelRules {
  /// The same, read by the first leak. A broken build would leave leaks without a label, and leaks all the same.
  package static var shipped: LabelRules { LabelRules { (try? shippedRules()) ?? [] } }
}

private func shippedRules() throws(PolicyFileError) -> [LabelRule] {
  var files = RuleFiles()
  for file in RulePack.files {
    files.add(file.name) { () throws(PolicyFileError) in
      try RuleFile(file.yaml, fileName: file.name, compilesFilters: false)
    }
  }
  return try files.joined()
}
