extension Ruleset {
  /// The chains that a packet can get to, from the hooks of its way on.
  func reachableChains(_ family: IPFamily, _ way: [Hook.Stage] = ownWay) -> Set<ChainName> {
    var reached: Set<ChainName> = []
    var waiting = chains.filter { $0.key.family == family && way.contains($0.value.hook?.stage ?? .input) }.map(\.key)
    while let name = waiting.popLast() {
      guard reached.insert(name).inserted, let chain = chains[name] else { continue }
      for rule in chain.rules {
        switch rule.action {
        case .jump(let target), .goTo(let target):
          waiting.append(name.sibling(target))
        default: break
        }
      }
    }
    return reached
  }

  /// Whether an nft rule that answers the sender can be reached after routing, where the kernel has no answer (nft(8),
  /// reject): it refuses all of such a command.
  var answersLate: Bool {
    IPFamily.allCases.contains { family in
      reachableChains(family, [.postrouting]).contains { name in
        name.table.hasPrefix("nft ") && chains[name]?.rules.contains { $0.answer != nil } == true
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
