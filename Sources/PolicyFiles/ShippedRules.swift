package import Policy
import RulePack

/// The rules that are embedded in the binary. They are tested, so an error here is a broken build.
package func loadShippedRules() throws(PolicyFileError) -> [LabelRule] {
  try RuleFile(RulePack.yaml, fileName: RulePack.fileName).rules
}
