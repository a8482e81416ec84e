extension PacketFilter {
  /// The first word of an expression that libpcap would look up as a host or network name. Nil if there is none.
  ///
  /// pcap_compile(3PCAP) has no option to prevent look-ups, so the words are checked before it sees them. A word
  /// must be a keyword, a number, or an address. After `port`, `portrange` and `proto` it may also be the name
  /// of a service or protocol, which is in a local table. The check is stricter than the grammar.
  static func hostName(in expression: String) -> String? {
    var expectsHost = true
    for (word, isEscaped) in words(of: expression) {
      if !isEscaped, keywords.contains(word) {
        switch word {
        case "and", "or", "not": break
        case "port", "portrange", "proto", "protochain": expectsHost = false
        default: expectsHost = true
        }
      } else if expectsHost ? !isNumeric(word) : word.contains(".") {
        // As in `tcp[tcpflags:1]`: check both sides of a colon that is not part of an address.
        let parts = word.split(separator: ":").map(String.init)
        for part in parts where parts.count == 1 || isEscaped || !(keywords.contains(part) || isNumeric(part)) {
          return part
        }
      }
    }
    return nil
  }

  /// The runs of letters, digits, `.`, `:`, `-` and `_`, and whether a backslash precedes each.
  private static func words(of expression: String) -> [(word: String, isEscaped: Bool)] {
    var words: [(String, Bool)] = []
    var word = ""
    var isEscaped = false
    for character in expression.unicodeScalars {
      switch character {
      case "a"..."z", "A"..."Z", "0"..."9", ":", "_", ".", "\u{80}"...: word.unicodeScalars.append(character)
      case "-" where !word.isEmpty: word.unicodeScalars.append(character)
      default:
        if !word.isEmpty { words.append((word, isEscaped)) }
        word = ""
        isEscaped = character == "\\"
      }
    }
    if !word.isEmpty { words.append((word, isEscaped)) }
    return words
  }

  /// Whether a word is a number, number:number, up to four numbers with dots, or an IPv6 or hardware address:
  /// libpcap's scanner does not take these for names.
  private static func isNumeric(_ word: String) -> Bool {
    let groups = word.split(separator: ":", omittingEmptySubsequences: false)
    if groups.allSatisfy({ $0.isEmpty || isNumber($0) }) { return true }
    if groups.count == 1 {
      let octets = word.split(separator: ".", omittingEmptySubsequences: false)
      return octets.count <= 4 && octets.allSatisfy { decimalDigits($0) }
    }
    guard groups.dropLast().allSatisfy({ hexadecimalDigits($0, atMost: 4) }), let last = groups.last,
      hexadecimalDigits(last, atMost: 4) || last.split(separator: ".").allSatisfy({ decimalDigits($0) })
    else { return false }
    return word.contains("::") || groups.count == 8 || groups.count == 7 && last.contains(".")
      || groups.count == 6 && groups.allSatisfy { !$0.isEmpty && hexadecimalDigits($0, atMost: 2) }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    decimalDigits(text) || text.hasPrefix("0x") && hexadecimalDigits(text.dropFirst(2), atMost: 16)
  }

  private static func decimalDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func hexadecimalDigits(_ text: Substring, atMost count: Int) -> Bool {
    text.utf8.count <= count
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
      }
  }

  /// The keywords of pcap-filter(7) that can compile against raw IP.
  private static let keywords: Set<String> = [
    "ah", "and", "broadcast", "dst", "esp", "greater", "host", "icmp", "icmp6", "igmp", "igrp", "ip", "ip6", "len",
    "less", "mask", "multicast", "net", "not", "or", "pim", "port", "portrange", "proto", "protochain", "sctp", "src",
    "tcp", "udp", "vrrp", "carp",
    "icmptype", "icmpcode", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench", "icmp-redirect", "icmp-echo",
    "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed", "icmp-paramprob", "icmp-tstamp", "icmp-tstampreply",
    "icmp-ireq", "icmp-ireqreply", "icmp-maskreq", "icmp-maskreply",
    "icmp6type", "icmp6code", "icmp6-echo", "icmp6-echoreply", "icmp6-multicastlistenerquery",
    "icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerdone", "icmp6-routersolicit", "icmp6-routeradvert",
    "icmp6-neighborsolicit", "icmp6-neighboradvert", "icmp6-redirect", "icmp6-routerrenum",
    "icmp6-nodeinformationquery", "icmp6-nodeinformationresponse", "icmp6-ineighbordiscoverysolicit",
    "icmp6-ineighbordiscoveryadvert", "icmp6-multicastlistenerreportv2", "icmp6-homeagentdiscoveryrequest",
    "icmp6-homeagentdiscoveryreply", "icmp6-mobileprefixsolicit", "icmp6-mobileprefixadvert",
    "icmp6-certpathsolicit", "icmp6-certpathadvert", "icmp6-multicastrouteradvert",
    "icmp6-multicastroutersolicit", "icmp6-multicastroutertermination",
    "tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece", "tcp-cwr",
  ]
}
