/// What a namespace's programs do not tell, or tell ambiguously.
extension RunningNamespace {
  var allUnread: [String] { unread + incompatible + droppedTables + strangeNames + otherWays }

  /// What iptables says that it leaves out. An nft chain in a table that iptables calls its own may mark packets or
  /// route them elsewhere.
  private var incompatible: [String] {
    saved.flatMap { program, text in
      text.split(separator: "\n").filter { $0.hasPrefix("#") && $0.contains("incompatible") }.map {
        "\(program): \($0)"
      }
    }
  }

  /// Tables of iptables that do nothing (`flags dormant`), or hold more than iptables knows.
  private var droppedTables: [String] { native().dropped.map { "nft list ruleset: '\($0)' in a table of iptables'" } }

  /// Names and comments are printed unescaped, whatever signs they have.
  private var strangeNames: [String] {
    var told: [String] = []
    if Self.hasStrangeText(nftJSON) {
      told.append("nft list ruleset: a name or a comment has characters that make its text ambiguous")
    }
    let plain = { (letter: Character) in
      letter.isASCII && (letter.isLetter || letter.isNumber || "._-:@".contains(letter))
    }
    for link in links {
      if !link.name.allSatisfy(plain) { told.append("the interface '\(link.name)': rules cannot name it plainly") }
      if (link.name == "lo") != (link.kind == "loopback") {
        told.append("the interface '\(link.name)': it is not what its name says")
      }
    }
    return told
  }

  /// What sends packets elsewhere after all rules.
  private var otherWays: [String] {
    let plain: Set<Substring> = [
      "noqueue", "noop", "pfifo_fast", "pfifo", "bfifo", "fq", "fq_codel", "fq_pie", "codel", "pie", "sfq", "cake",
      "mq", "tbf", "netem", "sfb", "red",
    ]
    let disciplines = disciplines.split(separator: "\n").filter { line in
      let words = line.split(separator: " ")
      return words.count < 2 || words[0] != "qdisc" || !plain.contains(words[1])
    }
    let routes = (routing.routes + "\n" + routing6.routes).split(separator: "\n").filter { $0.contains(" encap ") }
    // Some of the plain disciplines take filters of their own.
    let filters = filters.split(separator: "\n").filter { $0.hasPrefix("filter ") }
    return disciplines.map { "tc qdisc show: '\($0)': its filters may send packets elsewhere" }
      + filters.map { "tc filter show: '\($0)': it may send packets elsewhere" }
      + routes.map { "ip route show: '\($0)': where the packets go then is not followed" }
      + links.filter(\.hasProgram).map { "the interface '\($0.name)': an XDP program may send packets elsewhere" }
  }

  /// Whether a string of the JSON has signs with a meaning in nft's listing, which escapes none.
  private static func hasStrangeText(_ json: String) -> Bool {
    if json.contains("\\") { return true }
    // Without escapes, every second part is a string.
    let parts = json.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.indices.dropLast(2).contains { index in
      guard index % 2 == 1, names.contains(parts[index]), parts[index + 1].allSatisfy({ $0 == ":" || $0 == " " }) else {
        return false
      }
      return parts[index + 2].contains { $0.isWhitespace || "{}();#,'$@".contains($0) }
    }
  }

  private static let names: Set<Substring> = ["name", "table", "chain", "target"]
}
