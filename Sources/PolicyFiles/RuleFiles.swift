import Policy
import TextFiles

/// Rule files of one source, read one by one.
struct RuleFiles {
  private var rules: [LabelRule] = []
  private var places: [String: String] = [:]
  private var problems: [PolicyFileProblem] = []

  mutating func add(_ name: String, _ read: () throws(PolicyFileError) -> RuleFile) {
    do throws(PolicyFileError) {
      for rule in try read().rules {
        if let place = places.updateValue(rule.origin, forKey: rule.id) {
          problems.append(
            PolicyFileProblem(file: name, message: "the rule '\(rule.id)' is already defined in \(place); rename one"))
        }
        rules.append(rule)
      }
    } catch {
      problems += error.problems
    }
  }

  /// The rules in the order in which they are asked. Throws what was wrong in any of the files.
  func joined() throws(PolicyFileError) -> [LabelRule] {
    guard problems.isEmpty else { throw PolicyFileError(problems) }
    return rules.inOrderTried
  }
}
