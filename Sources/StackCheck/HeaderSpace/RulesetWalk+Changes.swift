/// What rules do to packets, and to the way that packets take.
extension RulesetWalk {
  func apply(
    _ change: FilterRule.Change, of rule: FilterRule, to flow: [PacketGroup], _ hook: Ruleset.Hook
  ) throws(HeaderSpaceError) -> [PacketGroup] {
    // The kernel looks up the route again if such a chain changed a packet that the namespace itself sends.
    let isRoutedAnew = hook.stage == .output && (hook.isRoute || change.isTranslation)
    let isRoutedLater = hook.stage == .prerouting
    let everywhere = context.everything.outInterfaces
    var moved = context.everything
    moved.marks = change.isTranslation ? .max : routedMarks
    var result: [PacketGroup] = []
    for var group in flow {
      let known = change == .flowMark && !marksNewFlows ? group.common(with: unmarkedFlows) : nil
      group.possible = try group.possible.changed { box in
        change.apply(to: &box, context)
        if isRoutedLater { box.outInterfaces = everywhere }
      }
      // None of these flows has a mark that the packet could get.
      if let known {
        group.possible = try group.possible.subtracting(HeaderRegion(unmarkedFlows))
        let bare = try known.possible.changed { $0.marks = context.marks { $0 == 0 } }
        group.possible = try group.possible.union(bare)
      }
      group.isChanged = true
      guard isRoutedAnew else {
        result.append(group)
        continue
      }
      var led = group.common(with: moved)
      led.rerouting = rule
      group.possible = try group.possible.subtracting(led.possible)
      result += [group, led]
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
