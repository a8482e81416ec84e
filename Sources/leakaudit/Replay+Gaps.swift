import Audit
import Savefile
import Text

extension Replay {
  /// What a capture says about frames that it does not hold, besides drops.
  static func leftOut(_ interface: SavefileInterface, _ name: String) -> [Gap] {
    var gaps: [Gap] = []
    if let filter = interface.filter {
      // A filter has more ways to write addresses than can be searched for.
      var expression: [String] = []
      if case .expression(let text) = filter { expression = [Formatting.safe(text)] }
      gaps.append(
        Gap(
          "\(name) was recorded with \(Formatting.safe("\(filter)")): the frames that it excluded are missing", .lost,
          do: Self.withoutFilter, names: expression))
    }
    if interface.rejected > 0 {
      gaps.append(
        Gap(
          "\(name): a filter excluded \(frames(interface.rejected)), by its statistics", .lost,
          do: Self.withoutFilter))
    }
    if interface.unrecorded > 0 {
      gaps.append(
        Gap(
          "\(name): the file lacks \(frames(interface.unrecorded)) that were captured, by its statistics",
          .lost, do: "record all frames: without a limit, a filter or a mark"))
    }
    return gaps
  }

  private static var withoutFilter: String { "record again without a capture filter" }

  private static func frames(_ count: UInt64) -> String { Formatting.count(Int(clamping: count), "frame") }
}
