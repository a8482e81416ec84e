import ComposeFiles
import Policy
import TextFiles

/// Services about which the same is said, in the order of the files.
struct ServiceGroups {
  private var members: [Key: [Member]] = [:]

  private struct Key: Hashable {
    var fault: StackFault
    var severity: Severity
    /// Whether they belong to another project than the gateway.
    var isElsewhere: Bool
  }

  private struct Member {
    var name: String
    var place: SourcePlace
    var detail: String
  }

  /// The subject of a sentence, and its details.
  struct Named {
    /// `the services 'a' and 'b'`
    var text: String
    var areSeveral: Bool
    var severity: Severity
    /// What they have, each thing once.
    var details: String
  }

  /// Adds a service to a group, once.
  mutating func add(
    _ fault: StackFault, _ severity: Severity, _ service: ComposeService, _ place: SourcePlace, _ detail: String = "",
    isElsewhere: Bool = false
  ) {
    let key = Key(fault: fault, severity: severity, isElsewhere: isElsewhere)
    guard members[key]?.contains(where: { $0.name == service.name }) != true else { return }
    members[key, default: []].append(Member(name: service.name, place: place, detail: detail))
  }

  /// One finding for each severity, at the first of its services.
  func tell(
    _ fault: StackFault, _ judge: inout StackJudge, isElsewhere: Bool = false, fix: String? = nil,
    _ sentence: (Named) -> String
  ) {
    for severity in Severity.allCases.reversed() {
      let key = Key(fault: fault, severity: severity, isElsewhere: isElsewhere)
      guard let found = members[key], let first = found.first else { continue }
      var details: [String] = []
      for member in found where !details.contains(member.detail) { details.append(member.detail) }
      let named = Named(
        text: (found.count == 1 ? "the service " : "the services ") + quotedList(found.map(\.name)),
        areSeveral: found.count > 1, severity: severity, details: details.prefix(4).joined(separator: ", "))
      judge.add(fault, severity, at: first.place, sentence(named), fix: fix)
    }
  }
}
