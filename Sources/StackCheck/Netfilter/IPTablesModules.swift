/// The contents of iptables-extensions(8): which module an option belongs to, and what targets do.
enum IPTablesModules {
  /// Modules that by design hold only for some packets: a rate, a chance, a time.
  static let ofChance: Set<String> = [
    "limit", "hashlimit", "statistic", "recent", "time", "quota", "connlimit", "connbytes",
  ]

  /// Modules that test something without an option of their own. All others are refused without one.
  static let askAlone: Set<String> = ["tcp", "udp", "udplite", "sctp", "dccp", "esp", "ah", "limit", "time"]

  /// The usual name of an option that has two names.
  static func usualName(of option: String) -> String {
    let others = [
      "--destination-port": "--dport", "--source-port": "--sport", "--destination-ports": "--dports",
      "--source-ports": "--sports",
    ]
    return others[option] ?? option
  }

  static let ipv6Types: Set<String> = ["UNSPEC", "UNICAST", "LOCAL", "ANYCAST", "MULTICAST", "UNREACHABLE"]

  /// The module that comes with a protocol.
  static let ofProtocol: [UInt8: String] = [
    1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 50: "esp", 51: "ah", 58: "icmp6", 132: "sctp", 136: "udplite",
  ]

  static var known: Set<String> { knownModules }

  static func owners(of option: String) -> Set<String> { ownersOfOptions[option] ?? [] }

  /// How many words an option takes.
  static func arity(of option: String) -> Int {
    if alone.contains(option) { return 0 }
    return ["--tcp-flags", "--match-set"].contains(option) ? 2 : 1
  }

  private static let ports = ["--dport", "--destination-port", "--sport", "--source-port"]
  private static let table: [String: [String]] = [
    "tcp": ports + ["--tcp-flags", "--syn", "--tcp-option"],
    "udp": ports, "udplite": ports, "sctp": ports + ["--chunk-types"],
    "dccp": ports + ["--dccp-types", "--dccp-option"],
    "multiport": [
      "--dports", "--destination-ports", "--sports", "--source-ports", "--ports", "--dport", "--sport",
    ],
    "icmp": ["--icmp-type"], "icmp6": ["--icmpv6-type"], "icmpv6": ["--icmpv6-type"],
    "mark": ["--mark"], "connmark": ["--mark"],
    "addrtype": ["--dst-type", "--src-type", "--limit-iface-in", "--limit-iface-out"],
    "conntrack": [
      "--ctstate", "--ctproto", "--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst", "--ctorigsrcport",
      "--ctorigdstport", "--ctreplsrcport", "--ctrepldstport", "--ctstatus", "--ctexpire", "--ctdir",
    ],
    "state": ["--state"], "comment": ["--comment"], "iprange": ["--src-range", "--dst-range"],
    "owner": ["--uid-owner", "--gid-owner", "--socket-exists", "--suppl-groups"],
    "limit": ["--limit", "--limit-burst"],
    "hashlimit": [
      "--hashlimit-above", "--hashlimit-upto", "--hashlimit-name", "--hashlimit-burst", "--hashlimit-mode",
      "--hashlimit-srcmask", "--hashlimit-dstmask", "--hashlimit-htable-expire", "--hashlimit-htable-size",
    ],
    "statistic": ["--mode", "--probability", "--every", "--packet"],
    "recent": [
      "--name", "--set", "--rcheck", "--update", "--remove", "--seconds", "--hitcount", "--rsource", "--rdest",
    ],
    "time": ["--timestart", "--timestop", "--datestart", "--datestop", "--weekdays", "--monthdays", "--kerneltz"],
    "quota": ["--quota"],
    "connlimit": ["--connlimit-above", "--connlimit-upto", "--connlimit-mask"],
    "connbytes": ["--connbytes", "--connbytes-dir", "--connbytes-mode"],
    "length": ["--length"], "ttl": ["--ttl-eq", "--ttl-gt", "--ttl-lt"], "hl": ["--hl-eq", "--hl-gt", "--hl-lt"],
    "mac": ["--mac-source"], "cgroup": ["--cgroup", "--path"], "set": ["--match-set"], "pkttype": ["--pkt-type"],
    "dscp": ["--dscp", "--dscp-class"], "tos": ["--tos"], "policy": ["--pol", "--dir", "--strict", "--proto"],
    "esp": ["--espspi"], "ah": ["--ahspi"], "string": ["--string", "--algo", "--hex-string"], "realm": ["--realm"],
  ]
  private static let knownModules = Set(table.keys)
  private static let ownersOfOptions: [String: Set<String>] = table.reduce(into: [:]) { owners, entry in
    for option in entry.value { owners[option, default: []].insert(entry.key) }
  }
  private static let alone: Set<String> = [
    "--syn", "--socket-exists", "--suppl-groups", "--set", "--rcheck", "--update", "--remove", "--rsource", "--rdest",
    "--kerneltz", "--limit-iface-in", "--limit-iface-out", "--strict",
  ]

  // MARK: - Targets

  /// What a target does by itself; its options may say more.
  static let actions: [String: FilterRule.Action] = {
    var actions: [String: FilterRule.Action] = [
      "ACCEPT": .accept, "DROP": .refuse, "REJECT": .refuse, "RETURN": .leaveChain, "NOTRACK": .change(.untrack),
      "DNAT": .change(.destination(nil, port: 0...UInt16.max)), "REDIRECT": .change(.destination(nil, port: nil)),
      "NETMAP": .change(.destination(nil, port: nil)),
    ]
    // SNAT and MASQUERADE end the chain, and no later rule tests a source. The other targets let the packet go on.
    for name in ["SNAT", "MASQUERADE"] { actions[name] = .accept }
    for name in [
      "LOG", "NFLOG", "TCPMSS", "DSCP", "TOS", "TTL", "HL", "ECN", "AUDIT", "TRACE", "SET", "CHECKSUM", "CLASSIFY",
      "CT",
      "MARK", "CONNMARK", "SECMARK", "CONNSECMARK", "IDLETIMER", "LED", "RATEEST", "TCPOPTSTRIP",
    ] { actions[name] = .goOn }
    return actions
  }()

  /// Targets that send a packet, or a copy, some other way.
  static let unfollowed: Set<String> = ["QUEUE", "NFQUEUE", "TEE", "TPROXY", "SYNPROXY", "CLUSTERIP", "DNPT", "SNPT"]

  static func targetOptions(of target: String?) -> Set<String> { target.flatMap { optionsOfTargets[$0] } ?? [] }

  static let targetOptionsAlone: Set<String> = [
    "--save-mark", "--restore-mark", "--clamp-mss-to-pmtu", "--random", "--random-fully", "--persistent", "--notrack",
    "--log-tcp-sequence", "--log-tcp-options", "--log-ip-options", "--log-uid", "--log-macdecode", "--exist",
    "--checksum-fill", "--ecn-tcp-remove",
  ]

  private static let marks = ["--set-mark", "--set-xmark", "--or-mark", "--and-mark", "--xor-mark"]
  private static let optionsOfTargets: [String: Set<String>] = [
    "REJECT": ["--reject-with"],
    "MARK": Set(marks),
    "CONNMARK": Set(marks + ["--save-mark", "--restore-mark", "--mask", "--nfmask", "--ctmask"]),
    "DNAT": ["--to-destination", "--random", "--persistent"],
    "REDIRECT": ["--to-ports", "--to-port", "--random"],
    "SNAT": ["--to-source", "--random", "--random-fully", "--persistent"],
    "MASQUERADE": ["--to-ports", "--to-port", "--random", "--random-fully"],
    "NETMAP": ["--to"],
    "CT": ["--notrack", "--helper", "--ctevents", "--zone", "--zone-orig", "--zone-reply", "--timeout"],
    "LOG": [
      "--log-prefix", "--log-level", "--log-tcp-sequence", "--log-tcp-options", "--log-ip-options", "--log-uid",
      "--log-macdecode",
    ],
    "NFLOG": ["--nflog-group", "--nflog-prefix", "--nflog-range", "--nflog-size", "--nflog-threshold"],
    "TCPMSS": ["--set-mss", "--clamp-mss-to-pmtu"],
    "DSCP": ["--set-dscp", "--set-dscp-class"], "TOS": ["--set-tos", "--and-tos", "--or-tos", "--xor-tos"],
    "TTL": ["--ttl-set", "--ttl-dec", "--ttl-inc"], "HL": ["--hl-set", "--hl-dec", "--hl-inc"],
    "SET": ["--add-set", "--del-set", "--map-set", "--timeout", "--exist"], "CLASSIFY": ["--set-class"],
    "AUDIT": ["--type"], "CHECKSUM": ["--checksum-fill"], "ECN": ["--ecn-tcp-remove"],
  ]
}
