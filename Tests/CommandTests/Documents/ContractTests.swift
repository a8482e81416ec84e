import Foundation
import Testing

/// Every part of the contract that code and tests cite exists.
@Suite struct ContractTests {
  /// A place of the contract, and where it is cited.
  struct Citation {
    var anchor: String
    var place: String
  }

  private static func anchors() throws -> Set<String> {
    MarkdownDocument(try ProjectText.read("Sources/CONTRACT.md")).anchors
  }

  /// `CONTRACT 5`, `CONTRACT 1, rule 2` and `CONTRACT 2, step 6`. A line may break within.
  private static func citations() throws -> [Citation] {
    let paths =
      ProjectText.paths(below: "Sources", endingIn: ".swift") + ProjectText.paths(below: "Tests", endingIn: ".swift")
    return try paths.flatMap { path in
      let text = try ProjectText.read(path).replacing(/\n *\/\/\/? ?/, with: " ")
      let form = /CONTRACT ([0-9]+)(?:, (?:direction )?(rule|step)s? ([0-9]+))?/
      return text.matches(of: form).map { match in
        let (_, section, kind, number) = match.output
        if let kind, let number { return Citation(anchor: "\(kind)-\(number)", place: "\(path): \(match.output.0)") }
        return Citation(anchor: "section-\(section)", place: "\(path): \(match.output.0)")
      }
    }
  }

  @Test func `every citation of the contract exists in it`() throws {
    let anchors = try Self.anchors()
    let citations = try Self.citations()
    #expect(citations.count > 60)
    for citation in citations {
      #expect(anchors.contains(citation.anchor), "\(citation.place) has no anchor \(citation.anchor)")
    }
  }

  @Test func `rules belong to section 1 and steps to section 2`() throws {
    for citation in try Self.citations() {
      if citation.anchor.hasPrefix("rule-") { #expect(citation.place.contains(" 1, ")) }
      if citation.anchor.hasPrefix("step-") { #expect(citation.place.contains(" 2, ")) }
    }
  }

  /// `explain` prints them before each question.
  @Test func `every section that explain prints is in the contract`() throws {
    let anchors = try Self.anchors()
    let sections = try ProjectText.read("Sources/Audit/Verdict/Step.swift")
      .matches(of: /: "([1-7])(?:\.([1-9]))?"/)
    #expect(sections.count >= 9)
    for match in sections {
      let (text, section, number) = match.output
      let anchor = number.map { (section == "1" ? "rule-" : "step-") + $0 } ?? "section-\(section)"
      #expect(anchors.contains(anchor), "\(text)")
    }
  }
}
