import Audit
import Text
import Wire

extension AuditedInterfaces {
  private func drops(_ interface: Interface) -> UInt64 {
    let now = table.drops(of: interface.name) ?? interface.dropsBefore
    return now >= interface.dropsBefore ? now - interface.dropsBefore : 0
  }

  /// Gives the auditor the interfaces' own counts of lost frames.
  func reportDrops(_ auditor: inout Auditor) {
    for interface in interfaces { auditor.setDrops(drops(interface), on: interface.number) }
  }

  /// What cannot have been seen on the interfaces.
  func gaps() -> [Gap] {
    [selectionFailure].compactMap(\.self).map { Gap($0, .absent, do: "restart the watch") }
      + late.map {
        Gap(
          "a container of the project joined \($0) before it was audited: its first packets were not seen", .lost,
          do: "name this bridge with -i, and start the watch before the stack")
      }
      + interfaces.compactMap { interface in
        if interface.index == nil {
          return interface.absences > 0
            ? Gap(
              "\(interface.name) is gone\(interface.awaySince.map { " since \(Formatting.time($0))" } ?? ""): traffic there cannot be seen",
              .absent, do: "bring \(interface.name) back; the watch then continues by itself")
            : Gap(
              "\(interface.name) never appeared", .unheard,
              do: "check the name (ip link), and start the stack while the watch runs")
        }
        guard interface.absences > 0 else { return nil }
        return Gap(
          "\(interface.name) vanished \(interface.absences == 1 ? "once" : "\(interface.absences) times") and came "
            + "back", .lost, do: "see the timeline for the times: packets sent meanwhile were not seen")
      }
  }
}
