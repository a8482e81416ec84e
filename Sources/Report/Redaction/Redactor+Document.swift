package import Audit
import Foundation
import Policy
import Text

extension Redactor {
  /// A summary to be shown, before any format escapes what is in it.
  ///
  /// What is known by type is replaced as what it is. All other strings are searched, whatever field they are in: one that is
  /// added cannot be forgotten.
  package func document(_ document: SummaryDocument, of summary: AuditSummary) throws -> SummaryDocument {
    var redactor = self
    redactor.learn(summary)
    var bare = document
    for index in bare.leaks.indices { (bare.leaks[index].questions, bare.leaks[index].details) = ([], []) }
    for index in bare.policy.allow.indices { bare.policy.allow[index].queryNames = [] }
    var shown = try SummaryDocument(json: redactor.scrub(json: JSON.line(bare)))
    for index in shown.leaks.indices {
      // The program's own words, or a rule's: what the wire calls itself is not looked for in them.
      shown.leaks[index].title = scrub(document.leaks[index].title)
      shown.leaks[index].questions = document.leaks[index].questions.map(question)
      shown.leaks[index].details = summary.findings[index].details.elements.map { LeakDetailEntry(detail($0)) }
    }
    for (index, stated) in summary.policy.namedEndpoints.enumerated()
    where shown.policy.unresolvedEndpoints.indices.contains(index) {
      shown.policy.unresolvedEndpoints[index].value = "\(name(stated.value.name)):\(stated.value.port)"
    }
    for (name, role) in document.policy.roles {
      shown.policy.roles[name] = nil
      shown.policy.roles[scrub(value: name)] = role
    }
    for (name, origin) in shown.policy.roleOrigins {
      shown.policy.roleOrigins[name] = nil
      shown.policy.roleOrigins[scrub(value: name)] = origin
    }
    for (index, exception) in document.policy.allow.enumerated() {
      shown.policy.allow[index].queryNames = exception.queryNames.map { ($0.hasPrefix(".") ? "." : "") + name($0) }
      // pcap-filter(7) writes addresses in more ways than can be searched for.
      shown.policy.allow[index].filter = exception.filter.map { _ in "redacted" }
    }
    return shown
  }

  /// JSON with every string value in it searched. Keys stay.
  private func scrub(json: String) throws -> String {
    var result = ""
    var rest = Substring(json)
    while let quote = rest.utf8.firstIndex(of: UInt8(ascii: "\"")) {
      result += rest[..<quote]
      var end = rest.utf8.index(after: quote)
      while end < rest.endIndex, rest.utf8[end] != UInt8(ascii: "\"") {
        if rest.utf8[end] == UInt8(ascii: "\\") { end = rest.utf8.index(after: end) }
        end = rest.utf8.index(after: end)
      }
      let next = rest.utf8.index(after: end)
      let literal = String(rest[quote..<next])
      rest = rest[next...]
      if rest.utf8.first == UInt8(ascii: ":") {
        result += literal
      } else {
        let value = try JSONDecoder().decode(String.self, from: Data(literal.utf8))
        result += JSON.quoted(value.contains(" ") ? scrub(value) : scrub(value: value))
      }
    }
    return result + rest
  }
}
