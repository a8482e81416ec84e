extension Ruleset {
  /// The chains that a packet can reach from the hooks on its way.
  func reachableChains(_ family: IPFamily, _ way: [Hook.Stage] = ownWay) -> Set<ChainName> {
    reachable(
      from: chains.filter { $0.key.family == family && way.contains($0.value.hook?.stage ?? .input) }.map(\.key))
  }

  /// Whether a rule on this way may set the mark that is saved with a packet's flow.
  func marksFlows(_ family: IPFamily, _ way: [Hook.Stage]) -> Bool {
    reachableChains(family, way).contains { chains[$0]?.rules.contains(where: \.marksFlow) == true }
  }

  /// Whether a rule of these hooks may send packets another way than they were to take.
  func leadsElsewhere(_ family: IPFamily, _ stages: [Hook.Stage]) -> Bool {
    reachableChains(family, stages).contains { name in
      chains[name]?.rules.contains { rule in
        switch rule.changes {
        case .mark?, .anyMark?, .flowMark?, .destination?: true
        case .untrack?, nil: false
        }
      } == true
    }
  }

  private func reachable(from names: [ChainName], by certainty: Certainty = .any) -> Set<ChainName> {
    var reached: Set<ChainName> = []
    var waiting = names
    while let name = waiting.popLast() {
      if chains[name] != nil, reached.insert(name).inserted { waiting += targets(of: name, by: certainty) }
    }
    return reached
  }

  /// Which rules the kernel is assumed to have: only those that every way through the script makes, or any.
  enum Certainty { case certain, any }

  /// Why the kernel refuses what nft made, if it does. Some statements belong to some hooks (nft(8), reject, NAT
  /// statements), and no chain may lead back to itself. The kernel then refuses the whole command.
  func nftRefusal(by certainty: Certainty) -> String? {
    guard HeaderWork.current?.isUsedUp != true else { return nil }
    for family in IPFamily.allCases {
      for (name, chain) in chains where name.family == family && name.table.hasPrefix("nft ") {
        guard let hook = chain.hook else { continue }
        for reached in reachable(from: [name], by: certainty) {
          guard isPaid(reached) else { return nil }
          for rule in rules(of: reached, by: certainty) where !hook.takes(rule) {
            return "'\(rule.text)' is not for a chain of the hook of '\(name.chain)'"
          }
        }
      }
    }
    return hasLoop(by: certainty) { $0.table.hasPrefix("nft ") } ? "its chains form a loop" : nil
  }

  /// Whether a packet that enters at a hook could come back to a chain that it is in.
  func hasLoop(by certainty: Certainty, where matches: (ChainName) -> Bool) -> Bool {
    var marks: [ChainName: Mark] = [:]
    for (start, chain) in chains where chain.hook != nil && matches(start) && marks[start] == nil {
      if comesBack(from: start, by: certainty, &marks) { return true }
    }
    return false
  }

  /// Whether jumps lead from one chain to another, or to a loop.
  func leadsBack(to chain: ChainName, from start: ChainName) -> Bool {
    var marks = [chain: Mark.entered]
    return start == chain || comesBack(from: start, by: .any, &marks)
  }

  private enum Mark { case entered, left }

  private func comesBack(from start: ChainName, by certainty: Certainty, _ marks: inout [ChainName: Mark]) -> Bool {
    guard HeaderWork.current?.isUsedUp != true, isPaid(start) else { return false }
    var path: [(name: ChainName, waiting: ArraySlice<ChainName>)] = [(start, targets(of: start, by: certainty)[...])]
    marks[start] = .entered
    while let last = path.indices.last {
      guard let next = path[last].waiting.popFirst() else {
        marks[path[last].name] = .left
        path.removeLast()
        continue
      }
      if marks[next] == .entered { return true }
      guard marks[next] == nil else { continue }
      guard isPaid(next) else { return false }
      marks[next] = .entered
      path.append((next, targets(of: next, by: certainty)[...]))
    }
    return false
  }

  /// Charges the check for a look at a chain's rules: about four rules cost as much as a comparison of two boxes. False
  /// if the check cannot pay, and is INCOMPLETE.
  private func isPaid(_ name: ChainName) -> Bool {
    (try? HeaderWork.spend(1 + (chains[name]?.rules.count ?? 0) / 4)) != nil
  }

  private func rules(of name: ChainName, by certainty: Certainty) -> [FilterRule] {
    let rules = chains[name]?.rules ?? []
    return certainty == .any ? rules : rules.filter(\.isCertain)
  }

  private func targets(of name: ChainName, by certainty: Certainty) -> [ChainName] {
    rules(of: name, by: certainty).compactMap { rule in
      switch rule.action {
      case .jump(let target), .goTo(let target): name.sibling(target)
      default: nil
      }
    }
  }

  /// Whether a rule in the chain's table jumps to it.
  func isUsed(_ chain: ChainName) -> Bool {
    chains.contains { name, other in
      name.family == chain.family && name.table == chain.table
        && other.rules.contains { $0.action == .jump(chain.chain) || $0.action == .goTo(chain.chain) }
    }
  }
}

extension Ruleset.Hook {
  /// Whether nft allows the rule's statement in chains of this hook.
  fileprivate func takes(_ rule: FilterRule) -> Bool {
    if rule.answer != nil, stage == .postrouting { return false }
    switch rule.translates {
    case .source?: return isNAT && (stage == .postrouting || stage == .input)
    case .destination?: return isNAT && (stage == .prerouting || stage == .output)
    case nil: return true
    }
  }
}
