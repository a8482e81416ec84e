import Foundation
import PolicyFiles
import ShellScript
import TestSupport
import Testing
import Wire

@testable import StackCheck

/// Random rule sets, made with the real iptables in a network namespace and asked with real packets: the model must say
/// what the kernel does.
struct KernelComparisonTests {
  private struct Case: Encodable {
    struct Packet: Encodable {
      var destination: String
      var port: UInt16
      var mark: UInt32
      var interface: String
    }
    var script: String
    var packets: [Packet]
  }

  @Test func `the model lets out what the kernel lets out`() throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let cases = (0..<60).map { _ in Self.randomCase(&random) }
    guard let fates = try Self.ask(cases) else { return }
    try #require(fates.count == cases.count)
    for (wanted, asked) in zip(fates, cases) {
      let ruleset = RulesetTests.ruleset(asked.script)
      for (isLetOut, packet) in zip(wanted, asked.packets) {
        let probe = ProbePacket(
          destination: try #require(IPAddress(packet.destination)), transport: .udp, destinationPort: packet.port,
          interface: packet.interface, mark: packet.mark)
        #expect(ruleset.fate(of: probe).isLetOut == isLetOut, "\(packet) under\n\(asked.script)")
      }
    }
    // Rules that refuse nothing, or everything, would compare nothing.
    let all = fates.flatMap(\.self)
    #expect(all.count(where: \.self) > all.count / 10 && all.count(where: { !$0 }) > all.count / 10)
  }

  private static func randomCase(_ random: inout SeededGenerator) -> Case {
    var lines: [String] = []
    for _ in 0..<Int.random(in: 1...7, using: &random) { lines.append(randomLine(&random)) }
    if Bool.random(using: &random) { lines.insert("iptables -N CHECK; ip6tables -N CHECK", at: 0) }
    if Bool.random(using: &random) { lines.append("iptables -I OUTPUT -j CHECK; ip6tables -I OUTPUT -j CHECK") }
    let packets = (0..<12).map { _ in
      Case.Packet(
        destination: ["198.51.100.7", "10.64.0.1", "192.168.1.1", "172.18.1.9", "2001:db8::7", "fd00:1::9"]
          .randomElement(
            using: &random)!,
        port: [53, 853, 443, 51820].randomElement(using: &random)!,
        mark: [0, 0xCA6C, 5].randomElement(using: &random)!,
        interface: ["eth0", "wg0"].randomElement(using: &random)!)
    }
    return Case(script: lines.joined(separator: "\n"), packets: packets)
  }

  private static func randomLine(_ random: inout SeededGenerator) -> String {
    func some(_ words: [String]) -> String { words.randomElement(using: &random)! }
    let isV6 = Int.random(in: 0..<3, using: &random) == 0
    let program = isV6 ? "ip6tables" : "iptables"
    if Int.random(in: 0..<8, using: &random) == 0 { return "\(program) -P OUTPUT \(some(["DROP", "ACCEPT"]))" }
    if Int.random(in: 0..<12, using: &random) == 0 { return "\(program) -D OUTPUT 1" }
    if Int.random(in: 0..<15, using: &random) == 0 { return "\(program) -F OUTPUT" }
    var rule = "\(program) \(some(["-A OUTPUT", "-I OUTPUT", "-I OUTPUT 2", "-A CHECK", "-t mangle -A POSTROUTING"]))"
    if Bool.random(using: &random) { rule += " \(some(["", "! "]))-o \(some(["eth0", "wg0", "wg+", "lo"]))" }
    if Bool.random(using: &random) {
      rule +=
        " \(some(["", "! "]))-d "
        + (isV6
          ? some(["2001:db8::/32", "fd00::/8", "::/0"])
          : some(["10.0.0.0/8", "192.168.0.0/16", "198.51.100.7", "172.16.0.0/12,10.64.0.1", "0.0.0.0/0"]))
    }
    if Bool.random(using: &random) {
      rule += " -m mark \(some(["", "! "]))--mark \(some(["0xca6c", "51820", "5/0x5", "0"]))"
    }
    if Bool.random(using: &random) {
      rule += some([
        " -p udp", " -p udp --dport 53", " -p udp -m multiport --dports 53,853", " -p tcp", " ! -p udp",
        " -p udp ! --dport 443:1000", " -m addrtype ! --dst-type LOCAL", " -m conntrack --ctstate NEW",
        " -p udp -m udp --dport 853",
      ])
    }
    if rule.contains("! -d 172.16.0.0/12,") { rule = rule.replacing("172.16.0.0/12,10.64.0.1", with: "10.64.0.1") }
    // iptables-nft refuses what no packet can match.
    rule = rule.replacing("! -d ::/0", with: "").replacing("! -d 0.0.0.0/0", with: "")
    // No chain jumps to itself: the kernel refuses such rules.
    let targets = ["ACCEPT", "DROP"] + (rule.contains("mangle") ? [] : ["REJECT", "RETURN"])
    return rule + " -j " + some(targets + (rule.contains(" OUTPUT") ? ["CHECK"] : []))
  }

  /// Nil where the machine cannot ask, which fails in CI.
  private static func ask(_ cases: [Case]) throws -> [[Bool]]? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Lab/netfilter")
    process.arguments = ["unshare", "--net", script.path]
    // A file: a program that ends early would end a writer to its pipe, too.
    let file = FileManager.default.temporaryDirectory.appending(path: "netfilter-\(UUID().uuidString).json")
    try JSONEncoder().encode(cases).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = output
    try process.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      #expect(ProcessInfo.processInfo.environment["CI"] != "true", "the kernel could not be asked")
      print("skipped: status \(process.terminationStatus)")
      return nil
    }
    return try JSONDecoder().decode([[Bool]].self, from: answer)
  }
}
