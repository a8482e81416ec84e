import Foundation
import Testing

/// Every link in the project's documents leads somewhere.
@Suite struct LinkTests {
  @Test(arguments: ProjectText.paths(endingIn: ".md"))
  func `relative links and their anchors exist`(document: String) throws {
    let folder = document.split(separator: "/").dropLast().joined(separator: "/")
    for link in MarkdownDocument(try ProjectText.read(document)).links {
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      var target = document
      if !parts[0].isEmpty {
        let base = folder.isEmpty ? Command.repository : Command.repository.appending(path: folder)
        let file = base.appending(path: String(parts[0])).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: file), "\(document): \(link)")
        target = String(file.dropFirst(Command.repository.standardizedFileURL.path.count + 1))
      }
      guard parts.count == 2, target.hasSuffix(".md") else { continue }
      let anchors = MarkdownDocument(try ProjectText.read(target)).anchors
      #expect(anchors.contains(String(parts[1])), "\(document): \(link)")
    }
  }

  @Test func `the documents that README links to exist`() throws {
    let links = Set(MarkdownDocument(try ProjectText.read("README.md")).links.map { $0.prefix { $0 != "#" } })
    for path in [
      "Sources/MANUAL.md", "Sources/CONTRACT.md", "Sources/README.md", "Sources/CHANGELOG.md", "Tests/README.md",
      "Rules/README.md", "captures/README.md", "Examples/prometheus/README.md", "Examples/spark/README.md",
      "Examples/stack/README.md", "Examples/ci/README.md",
      "Examples/first-five-minutes.md",
    ] {
      #expect(links.contains(path[...]), "README.md has no link to \(path)")
    }
  }

  @Test func `the output that README shows is what the program prints`() throws {
    let blocks = try ProjectText.read("README.md").components(separatedBy: "```\n")
    let printed = try ProjectText.read("captures/malformed-postup.bridge.expected.txt")
    try #require(blocks.count > 1)
    #expect(printed.hasPrefix(blocks[1]), "bring README's first block up to date with this expected output")
  }

  /// A new reader should get through it in one sitting.
  @Test func `README is short`() throws {
    #expect(try ProjectText.read("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
  }
}
