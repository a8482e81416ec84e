/// The limits of an audit, with what to do about each.
extension Summary {
  package struct Limit {
    package var reasons: [String]
    /// Nil in older summaries, which have no remedies.
    package var action: String?
  }

  /// The reasons in their order; those with the same remedy are grouped, so that it is stated once.
  package var limits: [Limit] {
    let actions = Dictionary((remedies ?? []).map { ($0.reason, $0.action) }, uniquingKeysWith: min)
    var limits: [Limit] = []
    for reason in incomplete {
      let action = actions[reason]
      if action != nil, let known = limits.firstIndex(where: { $0.action == action }) {
        limits[known].reasons.append(reason)
      } else {
        limits.append(Limit(reasons: [reason], action: action))
      }
    }
    return limits
  }

  /// One remedy for each reason, regardless of the order of the summaries.
  static func merge(_ one: [Remedy]?, _ other: [Remedy]?) -> [Remedy]? {
    guard one != nil || other != nil else { return nil }
    return Dictionary(((one ?? []) + (other ?? [])).map { ($0.reason, $0) }) { $0.action < $1.action ? $0 : $1 }
      .values.sorted { $0.reason < $1.reason }
  }
}
