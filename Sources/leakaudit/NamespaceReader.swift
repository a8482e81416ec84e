import Foundation
import Glibc
import StackCheck
import Wire

/// Reads the state of a network namespace: this machine's own programs run in it, and only print.
struct NamespaceReader {
  /// The words that go before a program to run it there.
  let entrance: [String]
  private static let timeout = 10.0
  private static let mostBytes = 8 << 20
  /// Each interface takes programs of its own, and rules over more interfaces are not judged either (`HeaderContext`).
  private static let mostLinks = 64

  /// For the namespace of a process, by its number.
  init(process: Int) { entrance = ["nsenter", "--net=/proc/\(process)/ns/net", "--"] }

  /// Reads everything that decides what leaves. The result says what could not be read.
  func read(_ name: String) -> RunningNamespace {
    var result = RunningNamespace(name: name)
    func ask(_ words: String...) -> String? { answer(words, &result) }
    result.links = links(&result)
    for family in ["ip", "ip6"] {
      for backEnd in ["nft", "legacy"] {
        let program = "\(family)tables-\(backEnd)-save"
        if let text = ask(program) { result.saved.append((program, text)) }
      }
    }
    result.nft = ask("nft", "list", "ruleset") ?? ""
    if !result.nft.isEmpty { result.nftJSON = ask("nft", "-j", "list", "ruleset") ?? "" }
    result.disciplines = ask("tc", "qdisc", "show") ?? ""
    if result.links.count > Self.mostLinks {
      result.unread.append("ip address show: \(result.links.count) interfaces are too many to read one by one")
    }
    for link in result.links.prefix(Self.mostLinks) {
      result.filters += ask("tc", "filter", "show", "dev", link.name) ?? ""
    }
    result.routing = (ask("ip", "rule") ?? "", ask("ip", "route", "show", "table", "all") ?? "")
    result.routing6 = (ask("ip", "-6", "rule") ?? "", ask("ip", "-6", "route", "show", "table", "all") ?? "")
    if result.links.contains(where: { $0.kind == "wireguard" }) {
      // Never ask for anything that would print a secret key.
      result.wireGuard = (
        ask("wg", "show", "all", "endpoints") ?? "", ask("wg", "show", "all", "fwmark") ?? "",
        ask("wg", "show", "all", "allowed-ips") ?? ""
      )
    }
    for name in result.networks.prefix(Self.mostLinks) {
      let setting = run(["cat", "/proc/sys/net/ipv6/conf/\(name)/disable_ipv6"]).text
      if setting == "1\n" { result.withoutIPv6.insert(name) }
    }
    return result
  }

  /// What a program prints; if it fails, the reason goes into `result`.
  private func answer(_ words: [String], _ result: inout RunningNamespace) -> String? {
    let (text, reason) = run(words)
    if text == nil { result.unread.append("\(words.joined(separator: " ")): \(reason)") }
    return text
  }

  private func links(_ result: inout RunningNamespace) -> [RunningNamespace.Link] {
    guard let text = answer(["ip", "-json", "-details", "address", "show"], &result) else { return [] }
    guard let listed = try? JSONDecoder().decode([ListedLink].self, from: Data(text.utf8)) else {
      result.unread.append("ip address show: it cannot be read")
      return []
    }
    return listed.filter { $0.name != nil }.map { link in
      RunningNamespace.Link(
        name: link.name ?? "", kind: link.info?.kind ?? (link.type == "loopback" ? "loopback" : ""),
        addresses: (link.addresses ?? []).compactMap { $0.local.flatMap { IPAddress($0) } },
        isUp: link.flags?.contains("UP") ?? true, hasProgram: link.program != nil)
    }
  }

  private struct ListedLink: Decodable {
    var name: String?
    var info: Info?
    var addresses: [Address]?
    var type: String?
    var flags: [String]?
    var program: Program?

    /// An XDP program.
    struct Program: Decodable {}

    struct Info: Decodable {
      var kind: String?

      enum CodingKeys: String, CodingKey { case kind = "info_kind" }
    }

    struct Address: Decodable { var local: String? }

    enum CodingKeys: String, CodingKey {
      case name = "ifname"
      case info = "linkinfo"
      case addresses = "addr_info"
      case type = "link_type"
      case flags
      case program = "xdp"
    }
  }

  /// Runs a program to its end. If it failed, the text is nil and the reason says why.
  func run(_ words: [String]) -> (text: String?, reason: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "\(Self.timeout)"] + entrance + words
    process.environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch { return (nil, "it cannot be started") }
    let said = Pipes.both(output.fileHandleForReading, errors.fileHandleForReading, limit: Self.mostBytes)
    process.waitUntilExit()
    guard process.terminationStatus == 0, process.terminationReason == .exit else {
      if process.terminationStatus == 124 { return (nil, "it takes too long") }
      let line = said.errors.split(separator: "\n").first.map(String.init) ?? ""
      return (nil, line.isEmpty ? "it failed" : line)
    }
    guard said.output.utf8.count < Self.mostBytes else { return (nil, "it prints too much") }
    return (said.output, "")
  }
}

/// Reads both outputs of a program at once, so that it never blocks on one of them.
///
/// `unsafe` for poll(2) and read(2). Sound: the arrays outlive the calls and come with their length.
private enum Pipes {
  static func both(_ output: FileHandle, _ errors: FileHandle, limit: Int) -> (output: String, errors: String) {
    var texts: [Data] = [Data(), Data()]
    var wanted = [output, errors].map { pollfd(fd: $0.fileDescriptor, events: Int16(POLLIN), revents: 0) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    while wanted.contains(where: { $0.fd >= 0 }) {
      guard unsafe poll(&wanted, 2, -1) >= 0 || errno == EINTR else { break }
      for index in wanted.indices where wanted[index].fd >= 0 && wanted[index].revents != 0 {
        let count = unsafe Glibc.read(wanted[index].fd, &bytes, bytes.count)
        if count <= 0 {
          wanted[index].fd = -1
        } else if texts[index].count < limit {
          texts[index].append(contentsOf: bytes[..<count])
        }
      }
    }
    return (String(decoding: texts[0], as: UTF8.self), String(decoding: texts[1], as: UTF8.self))
  }
}
