import Foundation
import PacketFilter
import Policy
import PolicyFiles
import RulePack
import TestSupport
import Testing

@Suite struct ShippedRulesTests {
  /// Read once: the tests with arguments make a suite for each.
  private static let loaded = Result { try loadShippedRules().list }
  private static let repository = RulePackets.repository

  let rules: [LabelRule]

  init() throws { rules = try Self.loaded.get() }

  @Test func `every filter compiles`() {
    for rule in rules {
      #expect(throws: Never.self, "\(rule.id) in \(rule.origin)") { try rule.filter?.compile() }
    }
  }

  @Test func `every label has a rule, and every rule says what it must`() {
    #expect(Set(rules.map(\.label)) == Set(LeakReason.labels))
    for rule in rules {
      #expect(!rule.why.isEmpty, "\(rule.id) has no reason")
      #expect(!rule.reference.isEmpty, "\(rule.id) has no reference")
      #expect(rule.title.utf8.count <= 100, "\(rule.id) has a title that is no line")
    }
  }

  @Test func `every rule states its basis`() {
    for file in RulePack.files {
      let entries = file.yaml.ranges(of: "\n  - id: ").count
      #expect(file.yaml.ranges(of: "\n    by: ").count == entries, "\(file.name)")
    }
  }

  @Test func `every file in the folder is embedded as it stands`() throws {
    let folder = Self.repository.appending(path: "Rules")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
    #expect(RulePack.files.map(\.name) == names.sorted().map { "Rules/\($0)" })
    for file in RulePack.files {
      #expect(try String(contentsOf: Self.repository.appending(path: file.name), encoding: .utf8) == file.yaml)
    }
  }

  @Test func `the pack is read on first use, in the order of its rules' bases`() {
    let shipped = LabelRules.shipped
    #expect(shipped.map(\.id) == rules.map(\.id))
    let order = RuleBasis.allCases
    #expect(rules.map(\.basis) == rules.map(\.basis).sorted { order.firstIndex(of: $0)! < order.firstIndex(of: $1)! })
    #expect(Set(rules.map(\.basis)) == Set(order))
  }

  @Test func `two files never compete for a packet on the same basis`() throws {
    // Otherwise the files' names would decide, which a reader of one file could not see. Ports are not checked:
    // a packet has two.
    for packet in try RulePackets.all() {
      let matching = rules.filter {
        $0.serverNames.isEmpty && $0.queryNames.isEmpty && $0.matches(packet.rawSpan, originalLength: packet.count)
      }
      guard let first = matching.first, first.basis != .port else { continue }
      let files = Set(matching.filter { $0.basis == first.basis }.map { $0.origin.prefix { $0 != ":" } })
      #expect(files.count == 1, "\(matching.map(\.id))")
    }
  }

  @Test func `a cut packet never traps, and matches are repeatable`() throws {
    for packet in try RulePackets.all() {
      for count in 0..<packet.count where count < 64 || count.isMultiple(of: 97) {
        let cut = Array(packet.prefix(count))
        func ask() -> [Bool] { rules.map { $0.matches(cut.rawSpan, originalLength: packet.count) } }
        #expect(ask() == ask())
      }
    }
  }
}
