import TestSupport
import Wire

@testable import StackCheck

/// Rule sets over the whole modelled grammar, as scripts, and packets that their rules concern.
struct RandomRules {
  var random: SeededGenerator
  /// Whether unknown conditions are included.
  var hasChance = true
  /// Whether routes that lead nowhere are included.
  var hasRoutes = false

  mutating func some<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
  mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

  mutating func script() -> String {
    var lines: [String] = []
    let programs =
      isOne(in: 3) ? ["iptables", "iptables-legacy"] : [some(["iptables", "iptables", "iptables-legacy"])]
    if !isOne(in: 4) {
      for program in programs {
        if Bool.random(using: &random) {
          for name in [program, program.replacing("iptables", with: "ip6tables")] {
            lines.append("\(name) -N CHECK; \(name) -A OUTPUT -j CHECK")
          }
        }
        for _ in 0..<Int.random(in: 1...7, using: &random) { lines.append(iptables(program)) }
      }
    }
    if lines.isEmpty || isOne(in: 3) { lines.append(nft()) }
    if hasRoutes, isOne(in: 4) { lines.append(routing()) }
    if isOne(in: 8) { lines.insert(restore(), at: Int.random(in: 0...lines.count, using: &random)) }
    return lines.joined(separator: "\n")
  }

  // MARK: - iptables

  private mutating func iptables(_ program: String) -> String {
    let isV6 = isOne(in: 3)
    let program = isV6 ? program.replacing("iptables", with: "ip6tables") : program
    switch Int.random(in: 0..<24, using: &random) {
    case 0, 1: return "\(program) -P \(some(["OUTPUT", "FORWARD"])) \(some(["DROP", "DROP", "ACCEPT", "drop"]))"
    case 2: return "\(program) -D \(some(["OUTPUT", "FORWARD"])) \(some(["1", "2"]))"
    case 3: return "\(program) -F \(some(["OUTPUT", "CHECK"]))"
    case 4: return "\(program) -t mangle -P \(some(["POSTROUTING", "OUTPUT"])) \(some(["DROP", "ACCEPT"]))"
    default: break
    }
    let place = some([
      "-A OUTPUT", "-A OUTPUT", "-A OUTPUT", "-I OUTPUT", "-I OUTPUT 2", "-A CHECK", "-A CHECK", "-A FORWARD",
      "-I FORWARD",
      "-t mangle -A POSTROUTING", "-t mangle -A OUTPUT", "-t mangle -A FORWARD", "-t raw -A OUTPUT",
    ])
    var rule = "\(program) \(place)"
    if isOne(in: 3) { rule += " \(sign())-o \(some(["eth0", "eth1", "wg0", "wg+", "eth+", "lo"]))" }
    if place.contains("FORWARD") || isOne(in: 20), isOne(in: 2) {
      rule += " \(sign())-i \(some(["eth1", "wg0", "eth+"]))"
    }
    if isOne(in: 3) { rule += " \(sign())-d \(isV6 ? some(Self.prefixes6) : some(Self.prefixes4))" }
    if isOne(in: 5) { rule += " \(sign())-s \(isV6 ? some(Self.sources6) : some(Self.sources4))" }
    if isOne(in: 6), !isV6 { rule += " -d 10.0.0.0/8,198.51.100.0/24" }
    if rule.contains(" -d "), rule.components(of: " -d ") > 1 { return iptables(program) }
    if isOne(in: 2) { rule += transport(isV6) }
    if isOne(in: 3) { rule += " -m mark \(sign())--mark \(some(["0xca6c", "51820", "5/0x5", "0", "4/0xc", "0/1"]))" }
    if isOne(in: 4) {
      rule +=
        " -m conntrack \(sign())--ctstate \(some(["NEW", "ESTABLISHED,RELATED", "INVALID", "NEW,ESTABLISHED", "UNTRACKED,NEW"]))"
    }
    if isOne(in: 5) {
      rule += " -m addrtype \(sign())--dst-type \(isV6 ? some(["LOCAL", "MULTICAST", "UNICAST"]) : some(Self.types))"
    }
    if isOne(in: 10), !isV6 { rule += " -m iprange \(sign())--dst-range 10.64.0.0-172.18.1.9" }
    if hasChance, isOne(in: 8) {
      rule += some([
        " -m limit --limit 1/hour", " -m owner --uid-owner 0", " -m statistic --mode random --probability 0.5",
        " -m length --length 0:40",
      ])
    }
    return rule + target(place, isV6)
  }

  private mutating func sign() -> String { isOne(in: 4) ? "! " : "" }

  private mutating func transport(_ isV6: Bool) -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return " -p \(some(["tcp", "udp", "47", "esp", "udplite"]))"
    case 1: return " ! -p \(some(["tcp", "udp"]))"
    case 2:
      return isV6
        ? " -p icmpv6 --icmpv6-type \(some(["128", "135", "echo-request", "136/0"]))"
        : " -p icmp --icmp-type \(some(["8", "echo-request", "3/1", "13"]))"
    case 3: return " -p udp -m multiport \(sign())--dports \(some(["53,853", "1:100,443", "6881"]))"
    case 4: return " -p tcp -m multiport \(sign())--ports \(some(["53,40000:40001", "443"]))"
    // Refused: no module that has the option.
    case 5: return some([" --dport 53", " -m udp --dport 53", " -p udp -m tcp --sport 1", " -p 47 --dport 5"])
    default:
      let ports = some(["53", "443", "1000:2000", "1024:", ":1023", "6881", "40000"])
      return " -p \(some(["tcp", "udp"])) \(sign())\(some(["--dport", "--dport", "--sport"])) \(ports)"
    }
  }

  private mutating func target(_ place: String, _ isV6: Bool) -> String {
    if place.contains("mangle"), isOne(in: 4) {
      return " -j MARK \(some(["--set-mark 5", "--set-xmark 0x1/0x3", "--or-mark 4"]))"
    }
    if place.contains("raw") { return " -j \(some(["NOTRACK", "DROP", "ACCEPT"]))" }
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return " -j REJECT --reject-with \(some(["tcp-reset", "icmp-port-unreachable", "icmp6-port-unreachable"]))"
    case 1: return " -j LOG"
    case 2: return " -j NOSUCH"
    case 3: return ""
    case 4: return " -j RETURN"
    case 5: return " -j DNAT --to-destination 10.0.0.1"
    case 6, 7: return place.contains("CHECK") || place.contains("mangle") ? " -j DROP" : " \(some(["-j", "-g"])) CHECK"
    case 8, 9: return place.contains("mangle") && isOne(in: 2) ? " -j REJECT" : " -j DROP"
    case 10...13: return " -j DROP"
    case 14: return place.contains("OUTPUT") && !place.contains("-t") ? " -j REJECT" : " -j DROP"
    default: return " -j ACCEPT"
    }
  }

  private static let prefixes4 = [
    "10.0.0.0/8", "192.168.0.0/16", "198.51.100.7", "198.51.100.0/25", "172.16.0.0/255.240.0.0", "224.0.0.0/4",
    "0.0.0.0/0",
    "255.255.255.255", "fd00::/8",
  ]
  private static let prefixes6 = ["2001:db8::/32", "fd00::/8", "ff02::/16", "2001:db8::7", "fe80::/10", "10.0.0.0/8"]
  private static let sources4 = ["172.18.1.2", "10.64.114.74", "172.18.0.0/16", "9.9.9.0/24"]
  private static let sources6 = ["fd00:1::2", "fd00::/16", "2001:db8:1::/48"]
  private static let types = ["LOCAL", "UNICAST", "BROADCAST", "MULTICAST", "LOCAL,BROADCAST", "BLACKHOLE"]

  /// A table of rules that is loaded whole.
  private mutating func restore() -> String {
    var rules: [String] = []
    var program = "iptables"
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let line = iptables("iptables")
      // One refused line discards the table, so most lines are valid.
      guard line.contains(" -A OUTPUT"), isOne(in: 4) || !line.contains("NOSUCH") else { continue }
      if rules.isEmpty { program = String(line.prefix { $0 != " " }) }
      guard line.hasPrefix(program + " ") else { continue }
      rules.append(String(line.dropFirst(program.count + 1)))
    }
    let lines = ["*filter", ":OUTPUT \(some(["DROP", "ACCEPT"])) [0:0]", ":CHECK - [0:0]"] + rules + ["COMMIT"]
    return "\(program)-restore \(some(["", "--noflush "]))<<'END'\n\(lines.joined(separator: "\n"))\nEND"
  }

  /// Routing rules, and routes that refuse. Those in the main table are for addresses that are not private: the others
  /// are not covered.
  private mutating func routing() -> String {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in
      let isV6 = isOne(in: 3)
      let program = isV6 ? "ip -6" : "ip -4"
      let kind = some(["blackhole", "unreachable", "prohibit"])
      let selector = some([
        "", "not fwmark 0xca6c", "fwmark 5/0x5", "to \(isV6 ? "2001:db8::/32" : "198.51.100.0/24")", "fwmark 0",
      ])
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        return "\(program) rule add \(selector.isEmpty ? "fwmark 5" : selector) \(some(["", "priority 100"])) \(kind)"
      case 1: return "\(program) route add \(kind) \(isV6 ? "2001:db8::/48" : "198.51.100.0/25")"
      case 2: return "\(program) route add \(kind) default table 77"
      case 3:
        return
          "\(program) route add \(isV6 ? "2001:db8:1::/48" : "198.51.100.64/26") dev \(some(["eth0", "eth1"])) table 77"
      default: return "\(program) rule add \(selector) lookup 77"
      }
    }.joined(separator: "\n")
  }

  // MARK: - nft

  private mutating func nft() -> String {
    let family = some(["inet", "inet", "ip", "ip6"])
    var text = "nft 'table \(family) t { "
    if isOne(in: 2) { text += "set ports { type inet_service; flags interval; elements = { 53, 853, 1000-2000 } }; " }
    let hasSet = text.contains("set ports")
    text += "chain more { \(nftRules(family, hasSet, jumps: false)) }; "
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let hook = some(["output", "output", "postrouting", "forward"])
      let priority = some(["0", "filter", "-150", "10", "-300"])
      text +=
        "chain c\(Int.random(in: 0...99, using: &random))\(hook) { type filter hook \(hook) priority \(priority); "
        + "policy \(some(["accept", "drop"])); \(nftRules(family, hasSet, jumps: true)) }; "
    }
    return isOne(in: 3) ? "nft -f - <<'END'\n" + text.dropFirst(5) + "}\nEND" : text + "}'"
  }

  private mutating func nftRules(_ family: String, _ hasSet: Bool, jumps: Bool) -> String {
    (0..<Int.random(in: 0...5, using: &random)).map { _ in nftRule(family, hasSet, jumps) + "; " }.joined()
  }

  private mutating func nftRule(_ family: String, _ hasSet: Bool, _ jumps: Bool) -> String {
    var rule = ""
    func sign(_ text: Bool) -> String { text ? "!= " : "" }
    if isOne(in: 3) {
      rule += "oifname \(sign(isOne(in: 4)))\(some(["\"eth0\"", "\"wg0\"", "{ \"eth1\", \"wg0\" }", "\"eth*\""])) "
    }
    if isOne(in: 3) {
      let isV6 = family == "ip6" || family == "inet" && isOne(in: 3)
      rule +=
        isV6
        ? "ip6 daddr \(sign(isOne(in: 4)))\(some(["2001:db8::/32", "{ fd00::/8, fe80::/10 }", "ff02::1"])) "
        : family == "ip6"
          ? ""
          : "ip daddr \(sign(isOne(in: 4)))\(some(["10.0.0.0/8", "{ 192.168.0.0/16, 198.51.100.7 }", "10.64.0.0-172.18.1.9"])) "
    }
    if isOne(in: 3) {
      rule += some([
        "udp dport 53 ", "tcp dport { 53, 443 } ", "udp dport != 1000-2000 ", "udp sport 40000 ", "meta l4proto udp ",
        "meta l4proto { tcp, udp } th dport 53 ", hasSet ? "udp dport @ports " : "tcp sport != 40000 ",
        family == "ip6" ? "icmpv6 type echo-request " : "icmp type echo-request ",
      ])
    }
    if isOne(in: 4) { rule += "meta mark \(sign(isOne(in: 4)))\(some(["0xca6c", "5", "0"])) " }
    if isOne(in: 4) {
      rule += "ct state \(some(["new", "{ established, related }", "invalid", "established,related"])) "
    }
    if isOne(in: 5) {
      rule += "fib daddr type \(sign(isOne(in: 3)))\(some(["local", "local", "multicast", "unicast"])) "
    }
    if hasChance, isOne(in: 8) { rule += some(["limit rate 1/hour ", "meta skuid 0 "]) }
    if isOne(in: 10) { rule += "counter " }
    return rule
      + some([
        "accept", "drop", "accept", "drop", "reject", "return", jumps ? "jump more" : "drop",
        jumps ? "goto more" : "accept",
      ])
  }

  // MARK: - Packets

  static let interfaces = ["lo", "eth0", "eth1", "wg0"]
  static let marks: [UInt32] = [0, 0xCA6C, 5]

  /// A packet that a program might send, or that comes in to be routed; nil if the random fields do not make one.
  mutating func packet(_ context: HeaderContext, in box: HeaderBox?, isForwarded: Bool) -> HeaderPacket? {
    let isV6 = context.family == .ipv6
    var destinations = isV6 ? Self.destinations6 : Self.destinations4
    if isForwarded {
      destinations = isV6 ? ["2001:db8::7", "2001:db8:1::1", "fd11::9"] : Array(destinations.prefix(8))
    }
    let sources =
      isForwarded
      ? (isV6 ? ["fd00:9::2", "2001:db8:1::5"] : ["10.64.114.74", "9.9.9.9", "10.0.2.2"])
      : (isV6 ? ["fd00:1::2", "fd00:3::2", "2001:db8:1::5"] : ["172.18.1.2", "10.64.114.74", "9.9.9.9"])
    func pick<Value>(_ pool: [Value], _ holds: (Value) -> Bool) -> Value? {
      pool.filter(holds).randomElement(using: &random)
    }
    guard
      let destination = pick(destinations.map { IPAddress($0)! }, { box?.destination.contains($0.number) ?? true }),
      let source = pick(sources.map { IPAddress($0)! }, { box?.source.contains($0.number) ?? true }),
      let number = pick([6, 17, 17, isV6 ? 58 : 1, 47, 50], { box?.protocols.contains($0) ?? true })
    else { return nil }
    let hasPorts = [6, 17].contains(number)
    let isICMP = number == (isV6 ? 58 : 1)
    let ports: [UInt16] = [1, 52, 53, 54, 100, 443, 853, 999, 1000, 1500, 2000, 2001, 6881, 40000, 40001, 65535]
    let types: [UInt16] =
      isV6 ? [128 << 8, 128 << 8, 129 << 8, 135 << 8, 136 << 8, 1 << 8] : [8 << 8, 8 << 8, 0, 3 << 8 | 1, 13 << 8]
    func isOut(_ index: Int) -> Bool {
      guard let box else { return true }
      return box.outInterfaces & context.interfaces(where: { $0 == Self.interfaces[index] }) != 0
    }
    func isMark(_ mark: UInt32) -> Bool {
      if isForwarded, mark != 0 { return false }
      guard let box else { return true }
      return box.marks & context.marks(where: { $0 == mark }) != 0
    }
    let port = pick(ports) { !hasPorts || box?.destinationPort.contains($0) ?? true }
    let sourcePort = pick(ports) { !hasPorts || box?.sourcePort.contains($0) ?? true }
    let icmp = pick(types) { !isICMP || box?.icmp.contains($0) ?? true }
    guard let port, let sourcePort, let icmp, let out = pick([1, 2, 3], isOut), let mark = pick(Self.marks, isMark)
    else { return nil }
    // The kernel chooses the first default route for what it forwards.
    let outName = isForwarded ? "eth0" : Self.interfaces[out]
    var packet = HeaderPacket(
      destination: destination, source: source, protocolNumber: number, destinationPort: hasPorts ? port : 0,
      sourcePort: hasPorts ? sourcePort : 0, icmp: isICMP ? icmp : 0,
      outInterface: context.interfaces.firstIndex(of: outName)!,
      inInterface: isForwarded ? context.interfaces.firstIndex(of: some(["wg0", "eth1"]))! : 0,
      mark: context.marks.firstIndex(of: mark)!)
    packet.kind = kind(of: destination)
    // A packet to one of its own addresses leaves where the address is another interface's, one to a network's
    // broadcast there.
    if packet.kind == .own, outName == "wg0" { return nil }
    if packet.kind == .broadcast, outName != "eth0" { return nil }
    packet.state = state(of: packet, isV6, isForwarded)
    if let box, !box.contains(packet) { return nil }
    return packet
  }

  /// How conntrack treats ICMP types (net/netfilter/nf_conntrack_proto_icmp.c and icmpv6.c).
  private mutating func state(of packet: HeaderPacket, _ isV6: Bool, _ isForwarded: Bool) -> ConnectionStates {
    if packet.protocolNumber == 1 || packet.protocolNumber == 58 {
      switch packet.icmp >> 8 {
      case 8 where !isV6, 13 where !isV6, 128 where isV6: break
      case 135 where isV6, 136 where isV6: return .untracked
      default: return .invalid
      }
    }
    let canAnswer = packet.protocolNumber == 17 || packet.icmp == (isV6 ? 128 << 8 : 8 << 8)
    let isGroup =
      packet.kind != .ordinary
      || (packet.destination.isIPv4 ? packet.destination.low >> 28 >= 14 : packet.destination.high >> 56 >= 0xFE)
    return canAnswer && !isGroup && !isForwarded && isOne(in: 3) ? .established : .new
  }

  private func kind(of address: IPAddress) -> DestinationKinds {
    if ["172.18.3.2", "fd00:3::2"].map({ IPAddress($0)! }).contains(address) { return .own }
    return address == IPAddress("172.18.1.255")! ? .broadcast : .ordinary
  }

  private static let destinations4 = [
    "198.51.100.7", "198.51.100.77", "198.51.100.200", "10.64.0.1", "10.0.0.1", "192.168.1.1", "9.9.9.9", "172.31.0.1",
    "172.18.1.9", "172.18.3.2", "172.18.1.255", "224.0.0.9", "239.1.2.3", "255.255.255.255",
  ]
  private static let destinations6 = [
    "2001:db8::7", "2001:db8:1::1", "fd11::9", "fe80::9", "ff02::1", "ff0e::1", "fd00:3::2", "2a00::1",
  ]
}

extension String {
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
