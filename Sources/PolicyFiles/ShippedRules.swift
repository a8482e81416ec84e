package import Policy
import RulePack
package import TextFiles

/// The rules that are embedded in the binary, in the order in which they are asked. They are tested, so an error here
/// is a broken build. Their filters are compiled at their first use.
package func loadShippedRules() throws(PolicyFileError) -> LabelRules { LabelRules(try shippedRules()) }

extension LabelRules {
  /// The same rules, read at the first leak. In a broken build, leaks would have no label but would still be leaks.
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
