import Capture
import Containers
import Foundation
import Text
import Watching

extension WatchCommand {
  /// Prints what may be named with -i, what it counts as, and whether it is audited if nothing is named.
  func printInterfaces() throws {
    let running =
      docker ? ContainerSnapshot.now(environment: ProcessInfo.processInfo.environment, within: .seconds(2)) : nil
    // Without any bridge and default route, nothing is audited unless it is named.
    let choice = try? InterfaceChoice(
      named: interface, stack: policy.understand(asksEngine: docker).stack, containers: running)
    let audited = choice?.names ?? []
    let names = NetworkInterfaces.names + audited.filter { !NetworkInterfaces.names.contains($0) }
    let width = names.map(\.count).max() ?? 0
    var output = StandardOutput(flushesLines: false)
    for name in names {
      let kind = NetworkInterfaces.isBridge(name) ? "bridge" : "nic"
      let isThere = NetworkInterfaces.index(of: name) != nil
      let remarks = [audited.contains(name) ? "audited" : nil, isThere ? nil : "does not exist yet"].compactMap(\.self)
      let line = "\(name.padding(toLength: width, withPad: " ", startingAt: 0))  \(kind)"
      output.write(Formatting.safe(remarks.isEmpty ? line : "\(line), \(remarks.joined(separator: ", "))") + "\n")
    }
    output.flush()
    try output.demandDelivery("the list")
  }
}
