import Foundation

/// The links of a Markdown document, and its anchors.
struct MarkdownDocument {
  /// Explicit anchors, and those that headings make.
  let anchors: Set<String>
  /// As written, without those to other hosts.
  let links: [String]

  init(_ text: String) {
    var anchors: Set<String> = []
    var links: [String] = []
    var isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isCode.toggle()
        continue
      }
      if isCode { continue }
      for match in line.matches(of: /<a id="([^"]+)">/) { anchors.insert(String(match.output.1)) }
      if line.hasPrefix("#") { anchors.insert(Self.slug(of: line)) }
      // Text in backquotes is not a link.
      let prose = String(line).replacing(/`[^`]*`/, with: "code")
      for match in prose.matches(of: /\]\(([^)\s]+)\)/) { links.append(String(match.output.1)) }
      for match in prose.matches(of: /src="([^"]+)"/) { links.append(String(match.output.1)) }
    }
    self.anchors = anchors
    self.links = links.filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
  }

  /// The anchor that GitHub gives a heading.
  static func slug(of heading: Substring) -> String {
    var slug = ""
    for character in heading.drop(while: { $0 == "#" }).trimmingCharacters(in: .whitespaces).lowercased() {
      if character == " " {
        slug.append("-")
      } else if character.isLetter || character.isNumber || character == "-" || character == "_" {
        slug.append(character)
      }
    }
    return slug
  }
}
