import Audit
import Policy
import TestNeeds
import TestSupport
import Testing
import Wire

/// The stated reason why an allow rule does not match must be true, by a slow and simple check.
struct AllowRuleReasonTests {
  /// A rule as its generator built it.
  private struct Wish {
    var port: UInt16?
    var names: [String] = []
    var containers: [String] = []
    var secondsLeft: Int?
  }

  /// A query as its generator built it.
  private struct Query {
    var container: Int
    var port: UInt16
    /// Nil for content that is not DNS.
    var names: [String]?
  }

  private static let names = ["a.example", "x.a.example", "b.example", "xa.example", "example"]
  private static let containers = [["web"], ["mail", "vpn"], ["time"]]

  private static func covers(_ pattern: String, _ name: String) -> Bool {
    let (wanted, asked) = (pattern.split(separator: "."), name.split(separator: "."))
    return pattern.hasPrefix(".")
      ? asked.count > wanted.count && Array(asked.suffix(wanted.count)) == Array(wanted) : asked == wanted
  }

  /// The conditions that fail.
  private static func failures(_ wish: Wish, _ query: Query) -> Set<String> {
    var failed: Set<String> = []
    if let left = wish.secondsLeft, left <= 0 { failed.insert("expires") }
    if let port = wish.port, port != query.port { failed.insert("filter") }
    if !wish.names.isEmpty {
      let isCovered = query.names.map { asked in
        !asked.isEmpty && asked.allSatisfy { name in wish.names.contains { covers($0, name) } }
      }
      if isCovered != true { failed.insert("names") }
    }
    if !wish.containers.isEmpty {
      // Beyond the list there is an unknown sender.
      let owners = query.container < containers.count ? containers[query.container] : []
      if owners.isEmpty || !owners.allSatisfy(wish.containers.contains) { failed.insert("container") }
    }
    return failed
  }

  /// The conditions that a line claims to fail.
  private static func claims(_ line: String) -> Set<String> {
    var claimed: Set<String> = []
    if line.contains("it expired after") { claimed.insert("expires") }
    if line.contains("does not match") { claimed.insert("filter") }
    if line.contains("the rule requires a query name that is") { claimed.insert("names") }
    if line.contains("is the address of") || line.contains("is not a known address of") { claimed.insert("container") }
    return claimed
  }

  @Test func `the stated reason why a random rule does not match is true`() throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    var (told, matched) = (0, 0)
    for _ in 0..<rounds(1500, few: 300) {
      let wishes = (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.wish(&random) }
      let query = Self.query(&random)
      let frame = Self.frame(query)
      let explanation = try #require(explained([frame], Self.policy(wishes, at: frame.time), role: .bridge))
      let step = try #require(explanation.steps.first { $0.question == "Does an allow rule match?" })
      let failures = wishes.map { Self.failures($0, query) }
      if let first = failures.firstIndex(where: \.isEmpty) {
        matched += 1
        #expect(step.answer && step.because == "'rule\(first)' (test)", "seed \(random.seed): \(step)")
        continue
      }
      #expect(!step.answer && step.details.count == wishes.count, "seed \(random.seed): \(step)")
      for (number, line) in step.details.enumerated() {
        told += 1
        #expect(line.hasPrefix("'rule\(number)' (test): "))
        #expect(Self.claims(line) == failures[number], "seed \(random.seed), \(query): \(line)")
        // What the packet is said to hold is true.
        if line.contains("query name '"), let asked = query.names {
          let named = line.matches(of: /'([a-z.]+)'/).map { String($0.1) }.filter { !$0.hasPrefix("rule") }
          let uncovered = asked.filter { name in !wishes[number].names.contains { Self.covers($0, name) } }
          #expect(uncovered.prefix(3).allSatisfy(named.contains), "seed \(random.seed): \(line)")
        }
        if failures[number].contains("filter") {
          #expect(line.contains("-> 8.8.8.8:\(query.port)"), "seed \(random.seed): \(line)")
        }
      }
    }
    #expect(told > rounds(500, few: 100) && matched > rounds(100, few: 20))
  }

  private static func wish(_ random: inout SeededGenerator) -> Wish {
    func chance() -> Bool { Int.random(in: 0..<2, using: &random) == 0 }
    var wish = Wish()
    if chance() { wish.port = [53, 123].randomElement(using: &random) }
    if chance() {
      wish.names = (0..<Int.random(in: 1...2, using: &random)).map { _ in
        [".", ""].randomElement(using: &random)! + names.randomElement(using: &random)!
      }
    }
    if chance() || wish.port == nil && wish.names.isEmpty {
      wish.containers = Array(
        containers.joined().shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
    }
    if chance() { wish.secondsLeft = [-86_400, 0, 1, 86_400].randomElement(using: &random) }
    return wish
  }

  private static func query(_ random: inout SeededGenerator) -> Query {
    var query = Query(
      container: Int.random(in: 0...containers.count, using: &random),
      port: [53, 123].randomElement(using: &random)!)
    if Int.random(in: 0..<4, using: &random) > 0 {
      query.names = (0..<Int.random(in: 0...2, using: &random)).map { _ in names.randomElement(using: &random)! }
    }
    return query
  }

  private static func frame(_ query: Query) -> SampleFrame {
    let content = query.names.map { names in
      dnsMessage(questions: names.count, names.flatMap { dnsQuestion(dnsName($0)) })
    }
    return SampleFrame(
      udpPacket("172.18.0.\(query.container + 2):4242", "8.8.8.8:\(query.port)", content ?? filler(5)),
      direction: .incoming)
  }

  private static func policy(_ wishes: [Wish], at time: Timestamp) -> TunnelPolicy {
    var policy = TunnelPolicy()
    policy.containers = containers.enumerated().map { number, names in
      stated(
        StatedContainer(
          names: names, addresses: [address("172.18.0.\(number + 2)")], macAddresses: [], holdsTunnel: false))
    }
    policy.allowRules = wishes.enumerated().map { number, wish in
      let moment = wish.secondsLeft.map { Timestamp(nanoseconds: time.nanoseconds + Int64($0) * 1_000_000_000) }
      var rule = allow(wish.port.map { "udp dst port \($0)" }, names: wish.names, until: moment, id: "rule\(number)")
      rule.containers = wish.containers
      return rule
    }
    return policy
  }
}
