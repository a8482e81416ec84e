/// What rules do to packets, and to the way that packets take.
extension RulesetWalk {
  func apply(
    _ change: FilterRule.Change, of rule: FilterRule, to flow: [Strand], _ hook: Ruleset.Hook
  ) throws(HeaderSpaceError) -> [Strand] {
    // The kernel looks up the route again if such a chain changed a packet that the namespace itself sends.
    let isRoutedAnew = hook.stage == .output && (hook.isRoute || change.isTranslation)
    let isRoutedLater = hook.stage == .prerouting
    let everywhere = context.everything.outInterfaces
    var moved = context.everything
    moved.marks = change.isTranslation ? .max : routedMarks
    var result: [Strand] = []
    for var strand in flow {
      let known = change == .flowMark && !marksNewFlows ? strand.common(with: unmarkedFlows) : nil
      strand.possible = try strand.possible.changed { box in
        change.apply(to: &box, context)
        if isRoutedLater { box.outInterfaces = everywhere }
      }
      // None of these flows has a mark that the packet could get.
      if let known {
        strand.possible = try strand.possible.subtracting(HeaderRegion(unmarkedFlows))
        let bare = try known.possible.changed { $0.marks = context.marks { $0 == 0 } }
        strand.possible = try strand.possible.union(bare)
      }
      strand.isChanged = true
      guard isRoutedAnew else {
        result.append(strand)
        continue
      }
      var led = strand.common(with: moved)
      led.rerouting = rule
      strand.possible = try strand.possible.subtracting(led.possible)
      result += [strand, led]
    }
    return result
  }

  private var unmarkedFlows: HeaderBox {
    var box = context.everything
    box.marks = .max
    box.states = .new
    return box
  }
}
