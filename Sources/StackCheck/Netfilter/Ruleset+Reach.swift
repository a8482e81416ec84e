extension Ruleset {
  /// The chains that a packet can get to, from the hooks of its way on.
  func reachableChains(_ family: IPFamily, _ way: [Hook.Stage] = ownWay) -> Set<ChainName> {
    reachable(
      from: chains.filter { $0.key.family == family && way.contains($0.value.hook?.stage ?? .input) }.map(\.key))
  }

  private func reachable(from names: [ChainName]) -> Set<ChainName> {
    var reached: Set<ChainName> = []
    var waiting = names
    while let name = waiting.popLast() {
      if chains[name] != nil, reached.insert(name).inserted { waiting += targets(of: name) }
    }
    return reached
  }

  /// Why the kernel refuses what nft made, if it does: some statements belong to some hooks (nft(8), reject, NAT statements), and
  /// no chain may come back to itself. It refuses all of such a command.
  var nftRefusal: String? {
    guard HeaderWork.current?.isUsedUp != true else { return nil }
    for family in IPFamily.allCases {
      for (name, chain) in chains where name.family == family && name.table.hasPrefix("nft ") {
        guard let hook = chain.hook else { continue }
        for reached in reachable(from: [name]) {
          guard isPaid(reached) else { return nil }
          for rule in chains[reached]?.rules ?? [] where !hook.takes(rule) {
            return "'\(rule.text)' is not for a chain of the hook of '\(name.chain)'"
          }
        }
      }
    }
    return hasLoop { $0.table.hasPrefix("nft ") } ? "its chains lead back to themselves" : nil
  }

  /// Whether a packet could come back to a chain that it is in, from a hook on.
  func hasLoop(where matches: (ChainName) -> Bool) -> Bool {
    var marks: [ChainName: Mark] = [:]
    for (start, chain) in chains where chain.hook != nil && matches(start) && marks[start] == nil {
      if comesBack(from: start, &marks) { return true }
    }
    return false
  }

  /// The same where only a jump from one chain to another is new: without a way back from there, or a loop there, there is none.
  func hasLoop(by jump: (from: ChainName, to: ChainName), where matches: (ChainName) -> Bool) -> Bool {
    var marks = [jump.from: Mark.entered]
    return (jump.from == jump.to || comesBack(from: jump.to, &marks)) && hasLoop(where: matches)
  }

  private enum Mark { case entered, left }

  private func comesBack(from start: ChainName, _ marks: inout [ChainName: Mark]) -> Bool {
    guard HeaderWork.current?.isUsedUp != true, isPaid(start) else { return false }
    var path: [(name: ChainName, waiting: ArraySlice<ChainName>)] = [(start, targets(of: start)[...])]
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
      path.append((next, targets(of: next)[...]))
    }
    return false
  }

  /// Has the check pay for a look at a chain's rules: some cost what a comparison of two boxes does. False where it cannot, and
  /// is INCOMPLETE.
  private func isPaid(_ name: ChainName) -> Bool {
    (try? HeaderWork.spend(1 + (chains[name]?.rules.count ?? 0) / 4)) != nil
  }

  private func targets(of name: ChainName) -> [ChainName] {
    (chains[name]?.rules ?? []).compactMap { rule in
      switch rule.action {
      case .jump(let target), .goTo(let target): name.sibling(target)
      default: nil
      }
    }
  }

  /// Whether a rule of its table jumps to the chain.
  func isUsed(_ chain: ChainName) -> Bool {
    chains.contains { name, other in
      name.family == chain.family && name.table == chain.table
        && other.rules.contains { $0.action == .jump(chain.chain) || $0.action == .goTo(chain.chain) }
    }
  }
}

extension Ruleset.Hook {
  /// Whether a statement of nft's is for chains of this hook.
  fileprivate func takes(_ rule: FilterRule) -> Bool {
    if rule.answer != nil, stage == .postrouting { return false }
    switch rule.translates {
    case .source?: return isNAT && (stage == .postrouting || stage == .input)
    case .destination?: return isNAT && (stage == .prerouting || stage == .output)
    case nil: return true
    }
  }
}
