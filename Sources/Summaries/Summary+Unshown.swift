import Audit
import Foundation
import Policy

extension Summary {
  /// Sentences, and other texts that are searched for names.
  private var texts: [String] {
    incomplete + (remedies ?? []).map(\.action) + notices.map(\.text) + timeline.map(\.text) + leaks.map(\.title)
      + interfaces.map(\.name) + policy.rules.map(\.value) + policy.roles.keys
  }

  /// The names in the texts that come from rules, from the policy or from gaps, and the directories of files. Origins
  /// of statements are left out: the policy has them.
  func unshown(of audit: AuditSummary) -> Unshown? {
    let rules = audit.policy.labelRules.added.flatMap { (rule: LabelRule) -> [String] in
      rule.serverNames + rule.queryNames
    }
    let names = rules.map { String($0.drop { $0 == "." }) } + audit.policy.resolvedNames + audit.gaps.flatMap(\.names)
    let directories = audit.files.compactMap { (file: String) -> String? in
      guard let slash = file.lastIndex(of: "/"), slash != file.startIndex else { return nil }
      return String(file[...slash])
    }
    if names.isEmpty, directories.isEmpty { return nil }
    let text = texts.joined(separator: "\n").lowercased()
    func held(_ words: [String]) -> [String] {
      Set(words).filter { !$0.isEmpty && text.contains($0.lowercased()) }.sorted()
    }
    let unshown = Unshown(names: held(names), directories: held(directories))
    return unshown.names.isEmpty && unshown.directories.isEmpty ? nil : unshown
  }
}
